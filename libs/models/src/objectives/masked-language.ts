// BERT's masked-language objective over rows as the loader gives them (Devlin et al. 2019, section 3.1; masks drawn anew
// for each step as in RoBERTa): 15 % of the tokens are predicted, and of these 80 % are shown as [MASK], 10 % as a random
// token and 10 % as they are. A pure function of (seed, step, row, position), so ranks and restarts change nothing.

import { philox4x32 } from '@gristmill/tensor';

export interface MaskedLanguageOptions {
  /** Id of [MASK]. */
  readonly maskToken: number;
  readonly vocabSize: number;
  /** Tokens that are never predicted nor drawn at random: end-of-text, [CLS], [SEP], padding. */
  readonly special?: readonly number[];
  /** Share of the tokens that is predicted. Default .15. */
  readonly probability?: number;
  readonly seed: number;
}

export interface ObjectiveRows {
  /** [B, T], row-major. */
  readonly tokens: Int32Array;
  readonly rows: number;
  readonly step: number;
  /** Row of the global batch that the first of these is. Default 0. */
  readonly firstRow?: number;
  /** [B, T], 0 where there is padding. */
  readonly lossMask?: Uint8Array;
}

const range = 2 ** 32;

/**
 * @returns inputs and targets [B, T]; a target is −1 where nothing is predicted
 * @example maskTokens({ tokens: targets, rows: 4, step: 0 }, { maskToken: 103, vocabSize: 30522, seed: 1 })
 */
export function maskTokens(
  batch: ObjectiveRows,
  options: MaskedLanguageOptions,
): { inputs: Int32Array; targets: Int32Array } {
  const { tokens, rows, step, firstRow = 0, lossMask } = batch;
  const { maskToken, vocabSize, probability = 0.15, seed } = options;
  const special = new Set([maskToken, ...(options.special ?? [])]);
  const ordinary = Array.from({ length: vocabSize }, (_, id) => id).filter((id) => !special.has(id));
  const inputs = tokens.slice();
  const targets = new Int32Array(tokens.length).fill(-1);
  const length = tokens.length / rows;
  for (let i = 0; i < tokens.length; i++) {
    if (special.has(tokens[i]) || lossMask?.[i] === 0) continue;
    const row = firstRow + Math.floor(i / length);
    const [chosen, how, which] = philox4x32([i % length, row, step, 0], [seed, maskStream]);
    if (chosen >= probability * range) continue;
    targets[i] = tokens[i];
    if (how < 0.8 * range) inputs[i] = maskToken;
    else if (how < 0.9 * range) inputs[i] = ordinary[which % ordinary.length];
  }
  return { inputs, targets };
}

/** Keeps these draws apart from those of other operations under the same seed. */
const maskStream = 0x6d61736b;
