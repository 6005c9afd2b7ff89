// The language of one piece of text, taken as written in one language. The script with the most letters decides, or
// the languages of that script compete in the model. Once one leads by far, the rest of the piece is only counted.

import { exactExp } from '../learned/exact-math.ts';
import { languageKernel, outOfRace, type LanguageKernel, type ScriptModel } from './language-kernel.ts';
import { scriptCodes } from './scripts.ts';
import { soleLanguages } from './sole-languages.ts';

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

const han = scriptCodes.indexOf('Hani');
const hiragana = scriptCodes.indexOf('Hira');
const katakana = scriptCodes.indexOf('Kana');

// A lead of so many natural logarithms is hardly ever lost again.
const certainLead = 16;

/** Languages that may be answered; undefined = all. */
export type AllowedLanguages = ReadonlySet<string> | undefined;

/** @example identify('Das ist ein kurzer Satz.', 0, 24, undefined).language // 'de' */
export function identify(text: string, from: number, to: number, allowed: AllowedLanguages): PieceGuess {
  const kernel = languageKernel();
  kernel.restrict(allowed);
  kernel.read(text, from, to, certainLead);
  return conclude(kernel, allowed);
}

// Words of an invented language share few n-grams with any real one.
const leastKnown = 0.15;

function conclude({ letters, models, scale }: LanguageKernel, allowed: AllowedLanguages): PieceGuess {
  let main = 0;
  let all = 0;
  for (let script = 2; script < letters.length; script++) {
    all += letters[script];
    if (letters[script] > letters[main]) main = script;
  }
  if (all === 0) return { script: undefined, language: undefined, score: 0, letters: 0 };
  const kana = letters[hiragana] + letters[katakana];
  if (kana > 0 && kana + letters[han] >= letters[main] && kana * 12 > letters[han])
    return soleLanguage('Jpan', 'ja', all, allowed);
  const model = models[main];
  const script = scriptCodes[main];
  if (model === undefined) return soleLanguage(script, soleLanguages[script], all, allowed);
  if (model.hits() < model.tries() * leastKnown)
    return { script, language: undefined, score: 0, letters: all };
  const { scores } = model;
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
  if (scores[best] < outOfRace) return { script, language: undefined, score: 0, letters: all };
  const score = beliefIn(scores, best, scale);
  return {
    script,
    language: model.languages[best],
    score,
    letters: all,
    model,
    scale,
    scores: scores.slice(),
  };
}

function soleLanguage(
  script: string,
  language: string | undefined,
  letters: number,
  allowed: AllowedLanguages,
): PieceGuess {
  const isAllowed = language !== undefined && (allowed === undefined || allowed.has(language));
  return { script, language: isAllowed ? language : undefined, score: isAllowed ? 1 : 0, letters };
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
  const modelled = languageKernel().models.flatMap((model) => model?.languages ?? []);
  return [...new Set([...modelled, ...Object.values(soleLanguages)])].sort();
}
