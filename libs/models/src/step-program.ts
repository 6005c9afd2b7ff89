// A whole training step as one program, for the reference and for executors that compile a step at once. It joins the
// same programs that the cpu executor runs in phases.

import { createBuilder, inline, type Program, type Value } from '@gristmill/tensor';
import type { ModelConfig } from './architecture.ts';
import {
  buildAdamWProgram,
  buildClipProgram,
  buildReduceProgram,
  type AdamWOptions,
} from './optimizer-programs.ts';
import { buildGradientProgram, findArchitecture, type BatchShape } from './programs.ts';

/**
 * Inputs: each parameter, `m:NAME`, `v:NAME`, settings f32[4] as of the clip program, and for each micro-batch i
 * `tokens{i}`, `targets{i}`, `counter{i}`. Outputs: parameters and moments under their names, norm, `loss{i}`.
 */
export function buildStepProgram(
  config: ModelConfig,
  shape: BatchShape & { readonly microBatches: number },
  optimizer: AdamWOptions,
): Program {
  const b = createBuilder();
  const specs = findArchitecture(config).parameters(config);
  const add = (prefix: string) =>
    Object.fromEntries(specs.map(({ name, shape: of }) => [name, b.input(`${prefix}${name}`, of)]));
  const [parameters, m, v] = ['', 'm:', 'v:'].map(add);
  const gradient = buildGradientProgram(config, shape);
  const lanes = Array.from({ length: shape.microBatches }, (_, i) =>
    inline(b, gradient, {
      ...parameters,
      tokens: b.input(`tokens${i}`, [shape.batch, shape.length], 'i32'),
      targets: b.input(`targets${i}`, [shape.batch * shape.length], 'i32'),
      counter: b.input(`counter${i}`, [3], 'u32'),
    }),
  );
  const reduced = specs.map(({ name, shape: of }) => {
    const parts = Object.fromEntries(lanes.map((lane, i) => [`g${i}`, lane[`gradient:${name}`]]));
    return inline(b, buildReduceProgram(of, lanes.length), parts);
  });
  const { norm, scalars } = inline(b, buildClipProgram(specs.length), {
    settings: b.input('settings', [4]),
    ...Object.fromEntries(reduced.map(({ square }, i) => [`square${i}`, square])),
  });
  const outputs: Record<string, Value> = { norm };
  lanes.forEach(({ loss }, i) => (outputs[`loss${i}`] = loss));
  specs.forEach((spec, i) => {
    const { name } = spec;
    const given = {
      parameter: parameters[name],
      m: m[name],
      v: v[name],
      gradient: reduced[i].gradient,
      scalars,
    };
    const updated = inline(b, buildAdamWProgram(spec, optimizer), given);
    Object.assign(outputs, { [name]: updated.parameter, [`m:${name}`]: updated.m, [`v:${name}`]: updated.v });
  });
  return b.finish(outputs);
}
