// The slow, clear reading of a piece, which assembly/language-kernel.ts must equal: every word by scanScriptWords, every
// n-gram looked up by its whole hash, weights added one by one.

import type { ScriptWeights } from '../../libs/detect/src/language/language-model.ts';
import { scriptCodes } from '../../libs/detect/src/language/scripts.ts';
import {
  mostFeatures,
  runFeatures,
  unspacedScripts,
  wordFeatures,
} from '../../libs/detect/src/language/word-features.ts';
import { scanScriptWords } from '../../libs/detect/src/language/word-scanner.ts';

/** Units of each script, by number. */
export function countLetters(text: string): number[] {
  const letters = scriptCodes.map(() => 0);
  scanScriptWords(text, 0, text.length, (script, _word, _length, units) => {
    letters[script] += units;
    return true;
  });
  return letters;
}

/** The score of each language of a script. */
export function sumWeights(text: string, model: ScriptWeights): number[] {
  const starts = startsOf(model.counts);
  const scores = [...model.bias];
  const features = unspacedScripts.has(model.script) ? runFeatures : wordFeatures;
  const hashes = new Uint32Array(mostFeatures);
  scanScriptWords(text, 0, text.length, (script, word, length) => {
    if (scriptCodes[script] !== model.script) return true;
    const count = features(word, length, hashes, 0);
    for (const hash of hashes.subarray(0, count)) {
      const row = rowOf(model.hashes, hash);
      if (row < 0) continue;
      for (let i = starts[row]; i < starts[row + 1]; i++) scores[model.owners[i]] += model.weights[i];
    }
    return true;
  });
  return scores;
}

function startsOf(counts: Uint8Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let row = 0; row < counts.length; row++) starts[row + 1] = starts[row] + counts[row];
  return starts;
}

function rowOf(hashes: Uint32Array, hash: number): number {
  let low = 0;
  let high = hashes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (hashes[middle] === hash) return middle;
    if (hashes[middle] < hash) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
