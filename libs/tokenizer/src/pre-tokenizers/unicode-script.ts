// The script of a character, for the pre-tokenizer UnicodeScripts: kana count as Han, a space and what belongs to no
// script fit everywhere.

import { unknownScript } from '../normalizers/older-unicode.ts';

const names =
  'Common Latin Han Cyrillic Greek Arabic Hebrew Hiragana Katakana Hangul Devanagari Thai Inherited Armenian Georgian Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Lao Tibetan Myanmar Ethiopic Cherokee Canadian_Aboriginal Ogham Runic Khmer Mongolian Bopomofo Yi Old_Italic Gothic Deseret Tagalog Hanunoo Buhid Tagbanwa Limbu Tai_Le Linear_B Ugaritic Shavian Osmanya Cypriot Braille Buginese Coptic New_Tai_Lue Glagolitic Tifinagh Syloti_Nagri Old_Persian Kharoshthi Balinese Cuneiform Phoenician Phags_Pa Nko Sundanese Lepcha Ol_Chiki Vai Saurashtra Kayah_Li Rejang Lycian Carian Lydian Cham Tai_Tham Tai_Viet Avestan Egyptian_Hieroglyphs Samaritan Lisu Bamum Javanese Meetei_Mayek Imperial_Aramaic Old_South_Arabian Inscriptional_Parthian Inscriptional_Pahlavi Old_Turkic Kaithi Batak Brahmi Mandaic Chakma Meroitic_Cursive Meroitic_Hieroglyphs Miao Sharada Sora_Sompeng Takri Caucasian_Albanian Bassa_Vah Duployan Elbasan Grantha Pahawh_Hmong Khojki Linear_A Mahajani Manichaean Mende_Kikakui Modi Mro Old_North_Arabian Nabataean Palmyrene Pau_Cin_Hau Old_Permic Psalter_Pahlavi Siddham Khudawadi Tirhuta Warang_Citi Ahom Anatolian_Hieroglyphs Hatran Multani Old_Hungarian SignWriting Syriac Thaana Adlam Bhaiksuki Marchen Newa Osage Tangut Masaram_Gondi Nushu Soyombo Zanabazar_Square';

const unknown = new RegExp(unknownScript, 'v');
const scripts = names.split(' ').map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, 'u') }));
const known = new Map<string, string | undefined>();

/** Undefined where the character fits any script. */
export function scriptOf(character: string): string | undefined {
  if (!known.has(character))
    known.set(character, unknown.test(character) ? undefined : findScript(character));
  return known.get(character);
}

/** By Unicode alone. */
export function findScript(character: string): string | undefined {
  if (character === ' ') return undefined;
  if (character === 'ー') return 'Han';
  const name = scripts.find(({ pattern }) => pattern.test(character))?.name;
  return name === 'Hiragana' || name === 'Katakana' ? 'Han' : name;
}

/** Bounds of the runs of one script. What fits any script ahead of the first run belongs to none, as with Hugging Face. */
export function splitScripts(text: string, emit: (start: number, end: number) => void): void {
  let start = -1;
  let script: string | undefined;
  let at = 0;
  for (const character of text) {
    const next = scriptOf(character);
    if (next !== undefined && next !== script) {
      if (start >= 0) emit(start, at);
      start = at;
    }
    if (next !== undefined) script = next;
    at += character.length;
  }
  if (start >= 0) emit(start, at);
}
