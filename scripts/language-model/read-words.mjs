// Word lists out of packages: wordfreq's frequency lists (MessagePack) and Tesseract's word graphs (.traineddata).

import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';

/** Pairs of word and frequency (of all words = 1). A list holds groups of words, each a hundredth of a bel rarer. */
export function* readFrequencies(path) {
  const bytes = gunzipSync(readFileSync(path));
  let at = 0;
  const length = (kind, low, high, base) => {
    const tag = bytes[at++];
    if (tag >= low && tag <= high) return tag - low;
    const size = [1, 2, 4][tag - base];
    const value = bytes.readUIntBE(at, size);
    at += size;
    return value;
  };
  const list = () => length('list', 0x90, 0x9f, 0xdb); // dc, dd = 2 and 4 bytes
  const groups = list();
  for (let group = 0; group < groups; group++) {
    const tag = bytes[at];
    if (tag >= 0x80 && tag <= 0x8f) {
      skipMap();
      continue;
    }
    const words = list();
    for (let i = 0; i < words; i++) {
      const size = length('string', 0xa0, 0xbf, 0xd9);
      yield [bytes.toString('utf8', at, at + size), 10 ** (-(group - 1) / 100)];
      at += size;
    }
  }
  function skipMap() {
    const pairs = bytes[at++] & 15;
    for (let i = 0; i < pairs * 2; i++) {
      if ((bytes[at] & 0xe0) === 0xa0) at += 1 + (bytes[at] & 31);
      else at += 1;
    }
  }
}

const mostListed = 400_000;
// Every fourth word of a list teaches as much as all.
const oneOf = 4;
const componentUnicharset = [1, 21];
const componentWords = [7, 19];

/** The words of a Tesseract data file: its word graph walked from the root. */
export function* readTesseract(path) {
  const bytes = readFileSync(path);
  const count = bytes.readInt32LE(0);
  const offset = (index) => (index < count ? Number(bytes.readBigInt64LE(4 + 8 * index)) : -1);
  for (let i = 1; i >= 0; i--) {
    const [letters, words] = [offset(componentUnicharset[i]), offset(componentWords[i])];
    if (letters < 0 || words < 0) continue;
    yield* walkGraph(bytes, words, readLetters(bytes.subarray(letters)));
    return;
  }
}

function readLetters(bytes) {
  const lines = bytes.toString('utf8').split('\n');
  const count = Number.parseInt(lines[0], 10);
  return lines.slice(1, count + 1).map((line) => line.split(' ')[0]);
}

function* walkGraph(bytes, start, letters) {
  if (bytes.readInt16LE(start) !== 42) return;
  const letterCount = bytes.readInt32LE(start + 2);
  const edgeCount = bytes.readInt32LE(start + 6);
  // An edge is 64 bits: the letter in as many as the letters need, then last, backward, end of word, then the next node.
  let bits = 0;
  while (2 ** bits < letterCount + 1) bits++;
  const [letterMask, last, wordEnd] = [2 ** bits - 1, 2 ** bits, 2 ** (bits + 2)];
  const stack = [[0, '']];
  let found = 0;
  while (stack.length > 0 && found < mostListed) {
    const [node, prefix] = stack.pop();
    for (let index = node; index < edgeCount; index++) {
      const low = bytes.readUInt32LE(start + 10 + 8 * index);
      const high = bytes.readUInt32LE(start + 14 + 8 * index);
      const word = prefix + (letters[low & letterMask] ?? '');
      if (low & wordEnd) {
        if (found++ % oneOf === 0) yield word;
      }
      const next = (low >>> (bits + 3)) + high * 2 ** (29 - bits);
      if (next !== 0 && word.length < 24) stack.push([next, word]);
      if (low & last) break;
    }
  }
}

/** The words of a spelling dictionary (.dic), without their flags; encodings other than UTF-8 are read as Latin 1. */
export function* readSpelling(path) {
  const bytes = readFileSync(path);
  let text = bytes.toString('utf8');
  if (text.includes('\ufffd')) text = bytes.toString('latin1');
  for (const line of text.split('\n').slice(1)) {
    const [word] = line.split(/[/\t ]/);
    if (word !== '') yield word;
  }
}
