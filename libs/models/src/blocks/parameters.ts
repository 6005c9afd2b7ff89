// The parameters that blocks are made of, as rows of a model's table: names, shapes, roles, and how they start.

import type { ParameterInit, ParameterSpec } from '../language-model.ts';

export const vector = (name: string, length: number, kind: 'zeros' | 'ones'): ParameterSpec => ({
  name,
  shape: [length],
  role: 'vector',
  init: { kind },
});

/** Scale and shift of a layer norm. */
export const layerNorm = (name: string, width: number): ParameterSpec[] => [
  vector(`${name}.weight`, width, 'ones'),
  vector(`${name}.bias`, width, 'zeros'),
];

/** Rows that tokens or positions look up. */
export const table = (
  name: string,
  [rows, width]: readonly [number, number],
  std: number,
): ParameterSpec => ({
  name: `${name}.weight`,
  shape: [rows, width],
  role: 'embedding',
  init: { kind: 'normal', std },
});

/** Rows that hidden states are compared with, where they are not those that tokens look up. */
export const head = (...as: Parameters<typeof table>): ParameterSpec => ({ ...table(...as), role: 'head' });

export interface LinearSpec {
  /** Widths. */
  readonly from: number;
  readonly to: number;
  readonly init: number | ParameterInit;
  readonly bias?: boolean;
  /** The weight is [to, from], as torch.nn.Linear has it; else [from, to], as GPT-2's Conv1D. */
  readonly outFirst?: boolean;
  /** How many equal matrices lie side by side in its last axis. */
  readonly split?: number;
}

export function linear(name: string, spec: LinearSpec): ParameterSpec[] {
  const { from, to, init, bias = false, outFirst = false, split } = spec;
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape: outFirst ? [to, from] : [from, to],
    role: 'matrix',
    ...(outFirst ? { outFirst } : {}),
    ...(split ? { split } : {}),
    init: typeof init === 'number' ? { kind: 'normal', std: init } : init,
  };
  return bias ? [weight, vector(`${name}.bias`, to, 'zeros')] : [weight];
}

/** The parameters of blocks 0 … count − 1, one after the other. */
export const repeatBlocks = (
  count: number,
  block: (i: number) => readonly ParameterSpec[],
): ParameterSpec[] => Array.from({ length: count }, (_, i) => block(i)).flat();
