// Which parameters are decayed, the same for every optimiser: matrices, tables unless told otherwise, never vectors
// (GPT-2's convention).

import type { ParameterSpec } from '../language-model.ts';

export interface WeightDecay {
  readonly weightDecay: number;
  /** False leaves lookup tables alone, as SmolLM3 does. Default true. */
  readonly decayEmbeddings?: boolean;
}

export function decayOf(
  { role }: ParameterSpec,
  { weightDecay, decayEmbeddings = true }: WeightDecay,
): number {
  const isTable = role === 'embedding' || role === 'head';
  return role === 'vector' || (isTable && !decayEmbeddings) ? 0 : weightDecay;
}
