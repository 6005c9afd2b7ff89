// The programs of a training step, compiled, and what they need.

import { DataError } from '@gristmill/core';
import {
  batchTypes,
  buildAccumulateProgram,
  buildMeasureProgram,
  buildUpdateProgram,
  stateName,
  sumName,
  type BatchShape,
  type DonatingProgram,
  type FurtherInputs,
  type LanguageModel,
  type Objective,
  type Optimizer,
} from '@gristmill/models';
import {
  multiplyInBf16,
  sizeOf,
  type DifferentiateOptions,
  type Executable,
  type Executor,
  type Type,
} from '@gristmill/tensor';
import type { RunSettings } from './setting-schema.ts';

export interface StepShape {
  readonly microBatchSize: number;
  readonly gradAccumSteps: number;
  readonly sequenceLength: number;
  /** What the backward pass computes again instead of keeping; nothing without. */
  readonly remat?: DifferentiateOptions['remat'];
  /** Share of each target that is spread over the vocabulary. Default 0. */
  readonly labelSmoothing?: number;
  /** In which matrices are multiplied. Default f32. */
  readonly precision?: RunSettings['precision'];
}

/** Bytes by part of what training holds at once. */
export interface StepMemory {
  readonly parameters: number;
  readonly optimizerState: number;
  readonly gradients: number;
  /** Activations and scratch of a micro-batch; 0 where the executor does not say. */
  readonly working: number;
  readonly total: number;
}

export interface CompileStepOptions {
  readonly executor: Executor;
  readonly model: LanguageModel;
  readonly shape: StepShape;
  readonly optimizer: Optimizer;
  /** Says what a batch is. Default: tokens and targets. */
  readonly objective?: Pick<Objective, 'shape'>;
}

export interface CompiledStep {
  /** For sequences of the shape's length, or of a shorter one, compiled when it is first asked for. */
  accumulate(sequenceLength?: number): Promise<Executable>;
  readonly measure: Executable;
  readonly update: Executable;
  readonly stateTypes: Readonly<Record<string, Type>>;
  readonly memory: StepMemory;
}

const statePart = 'optimizer state';

/** Tensor cores multiply in tiles of this width. */
const tileOfVocabulary = 128;

/** Holds no tensors yet. @throws DataError `model-too-large-for-cpu` with the bytes by part */
export async function compileTrainingStep(options: CompileStepOptions): Promise<CompiledStep> {
  const { executor, model, shape, optimizer, objective } = options;
  const specs = model.parameters();
  const stateTypes = describeState(model, optimizer);
  const bytesOf = (types: readonly { readonly shape: readonly number[] }[]) =>
    types.reduce((sum, one) => sum + 4 * sizeOf(one.shape), 0);
  const [parameters, optimizerState] = [bytesOf(specs), bytesOf(Object.values(stateTypes))];
  const parts = Object.fromEntries([
    ...specs.flatMap(({ name }) => [
      [name, 'parameters'],
      [sumName(name), 'gradients'],
    ]),
    ...Object.keys(stateTypes).map((name) => [name, statePart]),
  ]) as Record<string, string>;
  const compile = (
    { program, donate }: Partial<DonatingProgram> & Pick<DonatingProgram, 'program'>,
    beside: Record<string, number>,
    split?: readonly string[],
  ) => executor.compile(program, { donate, parts, beside, split, allowTf32: shape.precision === 'tf32' });
  const { remat, labelSmoothing, precision = 'f32' } = shape;
  checkDevices(shape, executor);
  checkPrecision(precision, executor);
  const vocabularyMultiple = precision === 'bf16' ? tileOfVocabulary : 1;
  // Several devices take parts of each micro-batch; parameters, sums and state lie on each of them.
  const compileAccumulate = (sequenceLength: number) => {
    const batch = batchShapeOf(shape, objective, sequenceLength);
    const built = buildAccumulateProgram(model, batch, { remat, labelSmoothing, vocabularyMultiple });
    const program = precision === 'bf16' ? multiplyInBf16(built.program) : built.program;
    const split = Object.keys(batchTypes(batch));
    return compile({ ...built, program }, { [statePart]: optimizerState }, split);
  };
  const whole = await compileAccumulate(shape.sequenceLength);
  const byLength = new Map([[shape.sequenceLength, Promise.resolve(whole)]]);
  const measure = await compile(
    { program: buildMeasureProgram(model) },
    { parameters, [statePart]: optimizerState },
  );
  const update = await compile(buildUpdateProgram(model, optimizer), {});
  const working = Math.max(...[whole, measure, update].map(({ workingBytes = 0 }) => workingBytes));
  const total = 2 * parameters + optimizerState + working;
  const memory = { parameters, optimizerState, gradients: parameters, working, total };
  const accumulate = (length = shape.sequenceLength) => {
    const compiled = byLength.get(length) ?? compileAccumulate(length);
    byLength.set(length, compiled);
    return compiled;
  };
  return { accumulate, measure, update, stateTypes, memory };
}

/** @throws DataError `wrong-setting` */
function checkDevices({ microBatchSize }: StepShape, { devices = 1 }: Executor): void {
  if (microBatchSize % devices === 0) return;
  throw new DataError(
    'wrong-setting',
    `${microBatchSize} sequences of a micro-batch cannot be shared by ${devices} devices`,
    `set microBatchSize to a multiple of ${devices}`,
  );
}

/** @throws DataError `wrong-setting` */
function checkPrecision(precision: RunSettings['precision'], { name }: Executor): void {
  if (precision !== 'bf16' || ['xla', 'reference'].includes(name)) return;
  throw new DataError(
    'wrong-setting',
    `the executor ${name} does not compute in bf16`,
    'leave precision at f32, or use --executor xla',
  );
}

/** Of a micro-batch. @param length of the sequences, where they are shorter than the shape's */
export function batchShapeOf(
  { microBatchSize: batch, sequenceLength }: Pick<StepShape, 'microBatchSize' | 'sequenceLength'>,
  objective: Pick<Objective, 'shape'> | undefined,
  length = sequenceLength,
): BatchShape {
  const whole = objective?.shape(batch) ?? { batch, length: sequenceLength };
  if (length === sequenceLength) return whole;
  const shorten = (size: number, axis: number) => (axis === 0 && size === whole.length ? length : size);
  const further = Object.entries(whole.further ?? {}).map(([name, { shape: sizes, dtype }]) => [
    name,
    { shape: sizes.map(shorten), dtype },
  ]);
  return { batch, length, ...(whole.further && { further: Object.fromEntries(further) as FurtherInputs }) };
}

function describeState(model: LanguageModel, optimizer: Optimizer): Record<string, Type> {
  return Object.fromEntries(
    model
      .parameters()
      .flatMap((spec) =>
        Object.entries(optimizer.state(spec)).map(([state, shape]) => [
          stateName(state, spec.name),
          { shape, dtype: 'f32' as const },
        ]),
      ),
  ) as Record<string, Type>;
}
