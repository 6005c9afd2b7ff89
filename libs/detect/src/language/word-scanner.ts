// Cuts a text into words of one script each, folded to small letters, and hands every word to a function. Digits,
// punctuation and white space end a word, so does a letter of another script; accents belong to the letter before them.
// For training; assembly/language-kernel.ts cuts in the same way.

import { foldUnit, inheritedScript, noScript, scriptOfPoint, scriptOfUnit } from './scripts.ts';
import { longestWord } from './word-features.ts';

/** One word at a time: its first `longestWord` units stand in `word` from index 1 on. */
export type WordVisitor = (script: number, word: Uint16Array, length: number, units: number) => boolean;

const word = new Uint16Array(longestWord + 2);

/** @param visit gets the number of units in the text as well; returns false to stop */
export function scanScriptWords(text: string, from: number, to: number, visit: WordVisitor): void {
  let script = noScript;
  let length = 0;
  let units = 0;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    let here = scriptOfUnit[unit];
    if (here === noScript && (unit & 0xfc00) === 0xd800 && i + 1 < to)
      here = scriptOfPoint(text.codePointAt(i)!);
    if (here === inheritedScript && script !== noScript) here = script;
    if (here !== script || here === noScript) {
      if (units > 0 && !visit(script, word, length, units)) return;
      script = here === inheritedScript ? noScript : here;
      length = 0;
      units = 0;
      if (script === noScript) continue;
    }
    units++;
    if (length < longestWord) word[++length] = foldUnit[unit];
    if ((unit & 0xfc00) === 0xd800) i++;
  }
  if (units > 0) visit(script, word, length, units);
}
