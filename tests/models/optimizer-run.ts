// Ten updates of three parameters with drawn gradients, on the reference executor, which computes in double precision.
import { createRandom } from '@gristmill/core';
import {
  buildUpdateProgram,
  stateName,
  sumName,
  type LanguageModel,
  type Optimizer,
  type ParameterSpec,
} from '@gristmill/models';
import { openReferenceExecutor, sizeOf, type Executor, type Tensor } from '@gristmill/tensor';

const init = { kind: 'zeros' } as const;
export const specs: readonly ParameterSpec[] = [
  { name: 'table', shape: [7, 4], role: 'embedding', init },
  { name: 'matrix', shape: [4, 6], role: 'matrix', init },
  { name: 'vector', shape: [6], role: 'vector', init },
];
export const updates = 10;
/** The factor of the gradients: half of what is drawn. */
const scale = 0.5;

const random = createRandom(11);
const draw = (size: number, width: number) => Array.from({ length: size }, () => (random() - 0.5) * width);
/** By name; the third update has gradients of zero in one parameter. */
export const start = Object.fromEntries(specs.map(({ name, shape }) => [name, draw(sizeOf(shape), 1)]));
export const gradients = Array.from({ length: updates }, (_, n) =>
  Object.fromEntries(
    specs.map(({ name, shape }) => [name, draw(sizeOf(shape), n === 2 && name === 'vector' ? 0 : 4)]),
  ),
);
export const rates = Array.from({ length: updates }, (_, n) => 0.02 / (1 + n));

export interface OptimizerRun {
  readonly executor?: Executor;
  /** How many updates. */
  readonly until?: number;
  readonly rates?: readonly number[];
}

/** Parameters and states after the updates, by name. */
export async function runOptimizer(
  optimizer: Optimizer,
  { executor = openReferenceExecutor(), until = updates, rates: at = rates }: OptimizerRun = {},
): Promise<Record<string, number[]>> {
  const model = { parameters: () => specs } as LanguageModel;
  const { program, donate } = buildUpdateProgram(model, optimizer);
  const executable = await executor.compile(program, { donate });
  let held: Record<string, Tensor> = {};
  for (const spec of specs) {
    held[spec.name] = await executor.upload({ shape: spec.shape, dtype: 'f32' }, start[spec.name]);
    for (const [state, shape] of Object.entries(optimizer.state(spec)))
      held[stateName(state, spec.name)] = await executor.allocate({ shape, dtype: 'f32' });
  }
  for (let n = 0; n < until; n++) {
    const inputs: Record<string, Tensor> = { ...held };
    for (const { name, shape } of specs)
      inputs[sumName(name)] = await executor.upload(
        { shape, dtype: 'f32' },
        gradients[n][name].map((value) => value / scale),
      );
    const numbers = [at[n], scale, ...optimizer.scalars(n + 1)];
    inputs.settings = await executor.upload({ shape: [numbers.length], dtype: 'f32' }, numbers);
    held = await executor.run(executable, inputs);
  }
  const results: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(held)) results[name] = [...(await executor.download(tensor))];
  await executor.close();
  return results;
}
