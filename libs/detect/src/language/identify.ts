// The language of one piece of text, taken as written in one language. The script with the most letters decides, or
// the languages of that script compete in the model. Once one leads by far, the rest of the piece is only counted.

import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { softmax } from '../learned/exact-math.ts';
import { decodeLanguageModel, tagBits, type ScriptModel } from './language-model.ts';
import { scriptCodes } from './scripts.ts';
import { soleLanguages } from './sole-languages.ts';
import { mostFeatures, runFeatures, wordFeatures } from './word-features.ts';
import { scanScriptWords } from './word-scanner.ts';

export interface PieceGuess {
  /** ISO 15924; undefined = no letters. */
  readonly script: string | undefined;
  /** ISO 639-1 where it exists, else 639-3; undefined = unknown. */
  readonly language: string | undefined;
  /** From 0 to 1: how much of the belief is on this language rather than another of its script. */
  readonly score: number;
  readonly letters: number;
  /** Natural logarithms of belief in each language of `model`, up to a constant; undefined where the script decides. */
  readonly scores?: Float64Array;
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

const letters = new Uint32Array(scriptCodes.length);
const scoresByScript: (Int32Array | undefined)[] = [];
const hits = new Uint32Array(scriptCodes.length);
const tries = new Uint32Array(scriptCodes.length);
const nextLook = new Uint32Array(scriptCodes.length);
const hashes = new Uint32Array(mostFeatures);

/** @example identify('Das ist ein kurzer Satz.', 0, 24).language // 'de' */
export function identify(text: string, from: number, to: number): PieceGuess {
  const { models, scale } = loaded ?? loadModel();
  startPiece(models);
  scanScriptWords(text, from, to, (script, word, length, units) => {
    letters[script] += units;
    const model = models[script];
    if (model === undefined || nextLook[script] === 0xffffffff) return true;
    const scores = scoresByScript[script]!;
    const features = unspaced.has(script) ? runFeatures : wordFeatures;
    const count = features(word, length, hashes, 0);
    tries[script] += count;
    hits[script] += addWeights(model, count, scores);
    if (letters[script] >= nextLook[script])
      nextLook[script] =
        leadOf(scores) > certainLead * scale ? 0xffffffff : letters[script] + lettersBetweenLooks;
    return true;
  });
  return conclude(models, scale);
}

function startPiece(models: Loaded['models']): void {
  letters.fill(0);
  hits.fill(0);
  tries.fill(0);
  nextLook.fill(lettersBetweenLooks);
  for (let script = 0; script < models.length; script++) {
    const bias = models[script]?.bias;
    if (bias !== undefined) (scoresByScript[script] ??= new Int32Array(bias.length)).set(bias);
  }
}

/** @returns how many of the first `count` hashes the model knows */
function addWeights(model: ScriptModel, count: number, scores: Int32Array): number {
  const { slots, slotShift, entries } = model;
  const mask = slots.length - 1;
  let known = 0;
  for (let i = 0; i < count; i++) {
    const hash = hashes[i];
    const tag = hash & ((1 << tagBits) - 1);
    for (let slot = hash >>> slotShift; ; slot = (slot + 1) & mask) {
      const value = slots[slot];
      if (value === 0) break;
      if ((value & ((1 << tagBits) - 1)) !== tag) continue;
      known++;
      for (let at = value >>> tagBits; ; at++) {
        const entry = entries[at];
        scores[(entry >> 8) & 0x7f] += (entry & 0xff) - 128;
        if (entry & 0x8000) break;
      }
      break;
    }
  }
  return known;
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
  const scores = Float64Array.from(scoresByScript[main]!, (score) => score / scale);
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
  if (hits[main] < tries[main] * leastKnown) return { script, language: undefined, score: 0, letters: all };
  const score = softmax(scores.slice())[best];
  return { script, language: model.languages[best], score, letters: all, scores, model };
}

/** Every language that can be told. */
export function knownLanguages(): string[] {
  const { models } = loaded ?? loadModel();
  const modelled = models.flatMap((model) => model?.languages ?? []);
  return [...new Set([...modelled, ...Object.values(soleLanguages)])].sort();
}
