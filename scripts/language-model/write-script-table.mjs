// Writes libs/detect/src/language/script-table.ts from the Unicode tables of the Node that runs it:
//   node scripts/language-model/write-script-table.mjs > libs/detect/src/language/script-table.ts
// Letters and marks only; what Unicode calls inherited (accents) gets the name Zinh.

const scripts = {
  Zinh: 'Inherited',
  Latn: 'Latin',
  Grek: 'Greek',
  Cyrl: 'Cyrillic',
  Armn: 'Armenian',
  Geor: 'Georgian',
  Hebr: 'Hebrew',
  Arab: 'Arabic',
  Syrc: 'Syriac',
  Thaa: 'Thaana',
  Nkoo: 'Nko',
  Adlm: 'Adlam',
  Deva: 'Devanagari',
  Beng: 'Bengali',
  Guru: 'Gurmukhi',
  Gujr: 'Gujarati',
  Orya: 'Oriya',
  Taml: 'Tamil',
  Telu: 'Telugu',
  Knda: 'Kannada',
  Mlym: 'Malayalam',
  Sinh: 'Sinhala',
  Thai: 'Thai',
  Laoo: 'Lao',
  Tibt: 'Tibetan',
  Mymr: 'Myanmar',
  Khmr: 'Khmer',
  Mong: 'Mongolian',
  Ethi: 'Ethiopic',
  Cher: 'Cherokee',
  Cans: 'Canadian_Aboriginal',
  Copt: 'Coptic',
  Goth: 'Gothic',
  Tfng: 'Tifinagh',
  Olck: 'Ol_Chiki',
  Java: 'Javanese',
  Bali: 'Balinese',
  Sund: 'Sundanese',
  Yiii: 'Yi',
  Vaii: 'Vai',
  Mtei: 'Meetei_Mayek',
  Cakm: 'Chakma',
  Lana: 'Tai_Tham',
  Talu: 'New_Tai_Lue',
  Tale: 'Tai_Le',
  Lisu: 'Lisu',
  Cham: 'Cham',
  Batk: 'Batak',
  Bugi: 'Buginese',
  Tglg: 'Tagalog',
  Runr: 'Runic',
  Ogam: 'Ogham',
  Glag: 'Glagolitic',
  Hang: 'Hangul',
  Hira: 'Hiragana',
  Kana: 'Katakana',
  Bopo: 'Bopomofo',
  Hani: 'Han',
};

const lines = Object.entries(scripts).map(([code, name]) => {
  const pattern = new RegExp(`^[\\p{L}\\p{M}]$`, 'u');
  const script = new RegExp(`^\\p{Script=${name}}$`, 'u');
  const ranges = [];
  let start = -1;
  for (let point = 0x41; point <= 0x32000; point++) {
    const character = String.fromCodePoint(point);
    const here = (script.test(character) && pattern.test(character)) || (code === 'Kana' && point === 0x30fc);
    if (here && start < 0) start = point;
    if (!here && start >= 0) {
      ranges.push([start, point - 1]);
      start = -1;
    }
  }
  let last = 0;
  const text = ranges.map(([from, to]) => {
    const step = `${(from - last).toString(36)}${to > from ? `-${(to - from).toString(36)}` : ''}`;
    last = to;
    return step;
  });
  return `  ${code}: '${text.join(' ')}',`;
});

console.log(`// The letters and marks of each script (ISO 15924 code), after Unicode ${process.versions.unicode}; written by
// scripts/language-model/write-script-table.mjs. Each range: distance from the end of the one before, then its length
// less one, in base 36.

export const scriptTable: Readonly<Record<string, string>> = {
${lines.join('\n')}
};`);
