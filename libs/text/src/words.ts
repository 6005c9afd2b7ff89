// Words as offsets, in one scan. White space separates chunks; a chunk without punctuation is a word; `word-affixes.ts`
// takes the others apart by the conventions of English treebanks, which published thresholds presuppose; runs of
// scripts without spaces go through ICU's dictionaries. Punctuation marks are words too, as those thresholds count them.
// It knows no language: a French elision or a German compound stays one word.

import { CharacterClass, classAt, classTable } from './character-class.ts';
import { splitChunk } from './word-affixes.ts';

/** Offsets in UTF-16 units: word i is `text.slice(offsets[2 * i], offsets[2 * i + 1])`. Words ascend, never overlap. */
export interface Words {
  readonly count: number;
  readonly offsets: Uint32Array;
}

/** Collects words; grows. One is reused by all calls on a thread. */
export class WordList {
  offsets = new Uint32Array(1 << 14);
  count = 0;

  push(start: number, end: number): void {
    const at = this.count * 2;
    if (at + 2 > this.offsets.length) {
      const larger = new Uint32Array(this.offsets.length * 2);
      larger.set(this.offsets);
      this.offsets = larger;
    }
    this.offsets[at] = start;
    this.offsets[at + 1] = end;
    this.count++;
  }
}

const scratch = new WordList();

/**
 * @returns the words of a text, punctuation marks included
 * @example wordStrings(text, segmentWords("Don't stop.")) // ['Do', "n't", 'stop', '.']
 */
export function segmentWords(text: string): Words {
  scratch.count = 0;
  scanWords(text, 0, text.length, scratch);
  return { count: scratch.count, offsets: scratch.offsets.slice(0, scratch.count * 2) };
}

export function wordStrings(text: string, words: Words): string[] {
  const strings = new Array<string>(words.count);
  for (let i = 0; i < words.count; i++) {
    strings[i] = text.slice(words.offsets[2 * i], words.offsets[2 * i + 1]);
  }
  return strings;
}

const simpleChunk = (1 << CharacterClass.word) | (1 << CharacterClass.digit);

/** Appends the words of `text.slice(from, to)` to `list`, with offsets into the whole text. */
export function scanWords(text: string, from: number, to: number, list: WordList): void {
  let i = from;
  while (i < to) {
    const start = i;
    let classes = 0;
    while (i < to) {
      let kind = classTable[text.charCodeAt(i)];
      if (kind === CharacterClass.space) break;
      if (kind === CharacterClass.unknown || kind === CharacterClass.surrogate) {
        kind = classAt(text, i);
        if (kind === CharacterClass.space) break;
        if (isPair(text, i)) i++;
      }
      classes |= 1 << kind;
      i++;
    }
    if (i > start) {
      if ((classes & ~simpleChunk) === 0 && !(classes === simpleChunk && startsWithDigit(text, start)))
        pushPlain(text, start, i, list);
      else if (classes & (1 << CharacterClass.unspaced)) splitUnspaced(text, start, i, list);
      else splitChunk(text, start, i, list);
    }
    i++;
  }
}

// "100K" is a number and a unit.
function startsWithDigit(text: string, start: number): boolean {
  return classAt(text, start) === CharacterClass.digit;
}

// Treebanks write "cannot" as two words.
function pushPlain(text: string, start: number, end: number, list: WordList): void {
  if (end - start === 6 && (text.charCodeAt(start) | 0x20) === 0x63 && text.startsWith('annot', start + 1)) {
    list.push(start, start + 3);
    list.push(start + 3, end);
  } else {
    list.push(start, end);
  }
}

/** A chunk that mixes scripts: each run of one class for itself. */
function splitUnspaced(text: string, start: number, end: number, list: WordList): void {
  let i = start;
  while (i < end) {
    const runStart = i;
    const unspaced = classAt(text, i) === CharacterClass.unspaced;
    while (i < end && (classAt(text, i) === CharacterClass.unspaced) === unspaced)
      i += isPair(text, i) ? 2 : 1;
    if (unspaced) segmentRun(text, runStart, i, list);
    else splitChunk(text, runStart, i, list);
  }
}

// The dictionaries do not depend on this locale; naming one keeps the machine's own out of the result.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
// ICU's dictionary search needs memory in proportion to the run; real runs end at punctuation long before this.
const longestRun = 2048;

function segmentRun(text: string, start: number, end: number, list: WordList): void {
  for (let from = start; from < end; from += longestRun) {
    const run = text.slice(from, Math.min(from + longestRun, end));
    for (const { segment, index } of segmenter.segment(run))
      list.push(from + index, from + index + segment.length);
  }
}

function isPair(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
}
