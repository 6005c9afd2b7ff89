// Records where Hugging Face's tokenizers differ from this Node's Unicode: its crates carry older tables for
// non-spacing marks, marks, punctuation, scripts and normalisation. Asks it about every code point.
// Writes libs/tokenizer/src/normalizers/older-unicode-table.ts. Needs tests/python/setup.sh.
//   node tests/tokenizer/record-older-unicode.ts

import { writeFileSync } from 'node:fs';
import { findScript as scriptOf } from '../../libs/tokenizer/src/pre-tokenizers/unicode-script.ts';
import { findPython, runPython } from '../python/python.ts';

const program = `
import json, tokenizers
from tokenizers import normalizers as N, pre_tokenizers as P
points = [c for c in range(0x110000) if not 0xd800 <= c < 0xe000]
bert = N.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
punctuation = P.Punctuation()
answers = {
  'version': tokenizers.__version__,
  'nonspacingMark': [c for c in points if bert.normalize_str(chr(c)) == ''],
  'mark': [c for c in points if N.StripAccents().normalize_str(chr(c)) == ''],
  'punctuation': [c for c in points if len(punctuation.pre_tokenize_str('a' + chr(c) + 'a')) == 3],
}
for form in ['NFD', 'NFKD', 'NFKC']:
  answers[form] = [c for c in points if getattr(N, form)().normalize_str(chr(c)) == chr(c)]
nfd = N.NFD()
answers['reordered'] = [c for c in points if nfd.normalize_str('a' + chr(c) + '\\u0334') != nfd.normalize_str('a' + chr(c)) + '\\u0334'
  or nfd.normalize_str('a\\u0301' + chr(c)) != 'a\\u0301' + nfd.normalize_str(chr(c))]
from tokenizers import Regex
printed = P.Split(Regex('[^\\\\p{Cn}]'), 'removed')
answers['assigned'] = [c for c in points if printed.pre_tokenize_str(chr(c)) == []]
scripts = P.UnicodeScripts()
answers['anyScript'] = [c for c in points if scripts.pre_tokenize_str(chr(c)) == []]
print(json.dumps(answers))
`;

const python = findPython(['tokenizers']);
if (python === undefined) throw new Error('no Python with tokenizers: run tests/python/setup.sh');
const { version, ...answers } = JSON.parse(runPython(python, program)) as { version: string } & Record<
  string,
  number[]
>;

const ours: Readonly<Record<string, (character: string) => boolean>> = {
  nonspacingMark: (character) => /\p{Mn}/u.test(character),
  mark: (character) => /\p{M}/u.test(character),
  punctuation: (character) => /[\p{P}$+<=>^`|~]/u.test(character),
  NFD: (character) => character.normalize('NFD') === character,
  reordered: (character) => {
    const alone = character.normalize('NFD');
    return (
      `a${character}\u0334`.normalize('NFD') !== `a${alone}\u0334` ||
      `a\u0301${character}`.normalize('NFD') !== `a\u0301${alone}`
    );
  },
  assigned: (character) => !/\p{Cn}/u.test(character),
  anyScript: (character) => scriptOf(character) === undefined,
  NFKD: (character) => character.normalize('NFKD') === character,
  NFKC: (character) => character.normalize('NFKC') === character,
};

/** Code points whose answers differ, as ranges of hexadecimal numbers: `theirs` or `ours` alone says yes. */
function differences(name: string, alone: 'theirs' | 'ours'): string {
  const theirs = new Set(answers[name]);
  const ranges: [number, number][] = [];
  for (let point = 0; point < 0x110000; point++) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const [yes, no] = [theirs.has(point), ours[name](String.fromCodePoint(point))];
    if (alone === 'theirs' ? !yes || no : yes || !no) continue;
    const last = ranges.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else ranges.push([point, point]);
  }
  return ranges.map((range) => [...new Set(range)].map((point) => point.toString(16)).join('-')).join(' ');
}

const entries = [
  ['nonspacingMark', 'theirs'],
  ['nonspacingMark', 'ours'],
  ['mark', 'theirs'],
  ['mark', 'ours'],
  ['punctuation', 'theirs'],
  ['punctuation', 'ours'],
  ['NFD', 'theirs'],
  ['NFKD', 'theirs'],
  ['NFKC', 'theirs'],
  ['reordered', 'ours'],
  ['anyScript', 'theirs'],
  ['assigned', 'ours'],
] as const;
const lines = entries.map(
  ([name, alone]) => `  ${name}${alone === 'theirs' ? 'Theirs' : 'Ours'}: '${differences(name, alone)}',`,
);
writeFileSync(
  new URL('../../libs/tokenizer/src/normalizers/older-unicode-table.ts', import.meta.url),
  `// Where Hugging Face tokenizers ${version} and Unicode ${process.versions.unicode} disagree about a character, as ranges of code points in
// hexadecimal: "Theirs" is what only the former counts, "Ours" what only Unicode counts; a normalisation form's
// characters are those that the former leaves alone. Written by tests/tokenizer/record-older-unicode.ts.

export const olderUnicode = {
${lines.join('\n')}
} as const;
`,
);
