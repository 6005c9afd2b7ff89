// What the characters of one block tell, without knowing its language: length, links, sentence marks, digits,
// capitals, how long its words are. Counted in one pass.

import type { Block } from './blocks.ts';

export const textFeatureNames = [
  'length',
  'words',
  'linkDensity',
  'linkCount',
  'sentenceMarks',
  'commas',
  'endsSentence',
  'endsColon',
  'endsEllipsis',
  'digitShare',
  'upperShare',
  'shortWordShare',
  'wordLength',
  'lines',
  'odd',
  'copyright',
  'quotes',
  'lineLength',
] as const;

/** Writes `textFeatureNames.length` numbers of a block into `into` from `at`. */
export function writeTextFeatures(block: Block, into: Float32Array, at: number): void {
  const { text } = block;
  const count = countCharacters(text);
  const { length } = text;
  const last = text.charCodeAt(length - 1);
  const beforeLast = text.charCodeAt(length - 2);
  const words = Math.max(1, count.words);
  into[at] = length;
  into[at + 1] = count.words;
  into[at + 2] = block.linkLength / Math.max(1, length);
  into[at + 3] = block.linkCount;
  into[at + 4] = count.sentences;
  into[at + 5] = count.commas;
  into[at + 6] = isSentenceEnd(last) || (isClosing(last) && isSentenceEnd(beforeLast)) ? 1 : 0;
  into[at + 7] = last === 0x3a || last === 0xff1a ? 1 : 0;
  into[at + 8] = last === 0x2026 || (last === 0x2e && beforeLast === 0x2e) ? 1 : 0;
  into[at + 9] = count.digits / length;
  into[at + 10] = count.upper / length;
  into[at + 11] = count.shortWords / words;
  into[at + 12] = count.letters / words;
  into[at + 13] = count.lines;
  into[at + 14] = count.odd;
  into[at + 15] = count.copyright;
  into[at + 16] = count.quotes;
  into[at + 17] = length / count.lines;
}

function countCharacters(text: string) {
  const count = {
    words: 0,
    sentences: 0,
    commas: 0,
    digits: 0,
    upper: 0,
    shortWords: 0,
    letters: 0,
    lines: 1,
    odd: 0,
    copyright: 0,
    quotes: 0,
  };
  let run = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0x20;
    if ((code >= 0x61 && code <= 0x7a) || (code >= 0xc0 && code < 0x2000)) run++;
    else if (code >= 0x41 && code <= 0x5a) {
      count.upper++;
      run++;
    } else if (code >= 0x3040 && code <= 0xd7a3) {
      // Scripts without blanks: a word has about two characters.
      count.letters++;
      if ((i & 1) === 0) count.words++;
    } else {
      if (run > 0) {
        count.words++;
        count.letters += run;
        if (run <= 3) count.shortWords++;
        run = 0;
      }
      if (code >= 0x30 && code <= 0x39) count.digits++;
      else if (code !== 0x20) countMark(code, count);
    }
  }
  return count;
}

function countMark(
  code: number,
  count: { sentences: number; commas: number; lines: number; odd: number; copyright: number; quotes: number },
): void {
  if (isSentenceEnd(code)) count.sentences++;
  else if (code === 0x2c || code === 0x3001 || code === 0xff0c || code === 0x060c) count.commas++;
  else if (code === 0x0a) count.lines++;
  else if (code === 0xa9 || code === 0xae) count.copyright++;
  else if (code === 0x22 || code === 0xab || code === 0xbb || (code >= 0x2018 && code <= 0x201f))
    count.quotes++;
  else if (
    code === 0x7c ||
    code === 0x2022 ||
    code === 0xb7 ||
    code === 0x203a ||
    code === 0x2039 ||
    code === 0x3e
  )
    count.odd++;
}

function isSentenceEnd(code: number): boolean {
  return (
    code === 0x2e ||
    code === 0x21 ||
    code === 0x3f ||
    code === 0x3002 ||
    code === 0xff01 ||
    code === 0xff1f ||
    code === 0x061f ||
    code === 0x06d4 ||
    code === 0x0964 ||
    code === 0x2026
  );
}

function isClosing(code: number): boolean {
  return (
    code === 0x22 ||
    code === 0x27 ||
    code === 0x29 ||
    code === 0xbb ||
    code === 0xab ||
    code === 0x201c ||
    code === 0x201d ||
    code === 0x2019 ||
    code === 0x300d ||
    code === 0x5d
  );
}
