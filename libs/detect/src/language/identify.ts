// The language of one piece of text, taken as written in one language. The script with the most letters decides, or
// the languages of that script compete in the model. Once one leads by far, the rest of the piece is only counted.

import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { exactExp } from '../learned/exact-math.ts';
import { decodeLanguageModel, type ScriptModel } from './language-model.ts';
import { scriptCodes } from './scripts.ts';
import { soleLanguages } from './sole-languages.ts';
import { scanScriptWords } from './word-scanner.ts';
import { WordScores } from './word-scores.ts';

export interface PieceGuess {
  /** ISO 15924; undefined = no letters. */
  readonly script: string | undefined;
  /** ISO 639-1 where it exists, else 639-3; undefined = unknown. */
  readonly language: string | undefined;
  /** From 0 to 1: how much of the belief is on this language rather than another of its script. */
  readonly score: number;
  readonly letters: number;
  /** Belief in each language of `model`: natural logarithms times `scale`, up to a constant; undefined where the script decides. */
  readonly scores?: Int32Array;
  readonly scale?: number;
  readonly model?: ScriptModel;
}

interface Loaded {
  readonly scale: number;
  /** By script number. */
  readonly models: readonly (ScriptModel | undefined)[];
}

let loaded: Loaded | undefined;

function loadModel(): Loaded {
  const file = new URL('./language-model.bin', import.meta.url);
  if (!existsSync(file))
    throw new DataError(
      'language-model',
      'the file of the language model is missing',
      'fetch the repository anew',
    );
  const { scale, scripts } = decodeLanguageModel(readFileSync(file));
  const models = scriptCodes.map((code) => scripts.find(({ script }) => script === code));
  return (loaded = { scale, models });
}

const han = scriptCodes.indexOf('Hani');
const hiragana = scriptCodes.indexOf('Hira');
const katakana = scriptCodes.indexOf('Kana');
const unspaced = new Set(['Hani', 'Mymr', 'Tibt'].map((code) => scriptCodes.indexOf(code)));

// A lead of so many natural logarithms after so many letters is not lost again.
const certainLead = 16;
const lettersBetweenLooks = 48;
const never = 0xffffffff;

const letters = new Uint32Array(scriptCodes.length);
const nextLook = new Uint32Array(scriptCodes.length);
const scoresByScript: Int32Array[] = [];
const wordsByScript: (WordScores | undefined)[] = [];

/** @example identify('Das ist ein kurzer Satz.', 0, 24).language // 'de' */
export function identify(text: string, from: number, to: number): PieceGuess {
  const { models, scale } = loaded ?? loadModel();
  letters.fill(0);
  nextLook.fill(0);
  scanScriptWords(text, from, to, (script, word, length, units) => {
    letters[script] += units;
    const look = nextLook[script];
    if (look === never) return true;
    if (look === 0 && !begin(script, models[script])) return true;
    const scores = scoresByScript[script];
    wordsByScript[script]!.add(word, length, scores);
    if (letters[script] >= nextLook[script])
      nextLook[script] = leadOf(scores) > certainLead * scale ? never : letters[script] + lettersBetweenLooks;
    return true;
  });
  return conclude(models, scale);
}

/** @returns whether the script has languages to choose from */
function begin(script: number, model: ScriptModel | undefined): boolean {
  if (model === undefined) {
    nextLook[script] = never;
    return false;
  }
  nextLook[script] = lettersBetweenLooks;
  (scoresByScript[script] ??= new Int32Array(model.bias.length)).set(model.bias);
  const words = (wordsByScript[script] ??= new WordScores(model, unspaced.has(script)));
  words.tries = 0;
  words.hits = 0;
  return true;
}

function leadOf(scores: Int32Array): number {
  let first = -0x40000000;
  let second = first;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i];
    if (score > first) {
      second = first;
      first = score;
    } else if (score > second) second = score;
  }
  return first - second;
}

// Words of an invented language share few n-grams with any real one.
const leastKnown = 0.15;

function conclude(models: Loaded['models'], scale: number): PieceGuess {
  let main = 0;
  let all = 0;
  for (let script = 2; script < letters.length; script++) {
    all += letters[script];
    if (letters[script] > letters[main]) main = script;
  }
  if (all === 0) return { script: undefined, language: undefined, score: 0, letters: 0 };
  const kana = letters[hiragana] + letters[katakana];
  if (kana > 0 && kana + letters[han] >= letters[main] && kana * 12 > letters[han])
    return { script: 'Jpan', language: 'ja', score: 1, letters: all };
  const model = models[main];
  const script = scriptCodes[main];
  if (model === undefined) {
    const language = soleLanguages[script];
    return { script, language, score: language === undefined ? 0 : 1, letters: all };
  }
  const { hits, tries } = wordsByScript[main]!;
  if (hits < tries * leastKnown) return { script, language: undefined, score: 0, letters: all };
  const scores = scoresByScript[main].slice();
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
  const score = beliefIn(scores, best, scale);
  return { script, language: model.languages[best], score, letters: all, scores, model, scale };
}

// What is so many natural logarithms behind has no part of the belief.
const beyondBelief = 32;
let beliefs = new Float64Array(0);

/** The share of the greatest score in the sum of all, as softmax has it. */
function beliefIn(scores: Int32Array, best: number, scale: number): number {
  const size = beyondBelief * scale;
  if (beliefs.length !== size)
    beliefs = Float64Array.from({ length: size }, (_, behind) => exactExp(-behind / scale));
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const behind = scores[best] - scores[i];
    if (behind < size) sum += beliefs[behind];
  }
  return 1 / sum;
}

/** Every language that can be told. */
export function knownLanguages(): string[] {
  const { models } = loaded ?? loadModel();
  const modelled = models.flatMap((model) => model?.languages ?? []);
  return [...new Set([...modelled, ...Object.values(soleLanguages)])].sort();
}
