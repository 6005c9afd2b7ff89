// An optimiser as a pair of pure functions, in the manner of optax: what it keeps for a parameter, and the operations
// that make the next value. It knows roles of parameters, never their names.

import type { Builder, Value } from '@gristmill/tensor';
import type { ParameterSpec } from '../language-model.ts';

/** Scalars f32 [] of a step. */
export interface StepScalars {
  readonly learningRate: Value;
  /** The gradient is multiplied by this first: one over the number of targets, and clipping. */
  readonly scale: Value;
  /** Those of the optimiser's own `scalars`, in its order. */
  readonly own: readonly Value[];
}

export interface UpdateInputs {
  readonly spec: ParameterSpec;
  readonly parameter: Value;
  readonly gradient: Value;
  /** By the names of `state`. */
  readonly state: Readonly<Record<string, Value>>;
  readonly scalars: StepScalars;
}

export interface Updated {
  readonly parameter: Value;
  readonly state: Readonly<Record<string, Value>>;
}

export interface Optimizer {
  /** Name → shape of what it keeps for a parameter, zeros at first. */
  state(spec: ParameterSpec): Readonly<Record<string, readonly number[]>>;
  /** Numbers that depend on the number of the update (from 1) alone, computed outside in double precision. */
  scalars(update: number): readonly number[];
  update(b: Builder, inputs: UpdateInputs): Updated;
}
