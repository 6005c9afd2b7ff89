// One training step on any executor: each micro-batch is added to the gradient sums, then the parameters take their
// step. Between steps only parameters and the optimiser's state live.

import {
  batchTypes,
  initialise,
  sumName,
  type LanguageModel,
  type NamedTensor,
  type WholeWriter,
} from '@gristmill/models';
import { sizeOf, type Executor, type Tensor, type Type } from '@gristmill/tensor';
import {
  batchShapeOf,
  compileTrainingStep,
  type CompiledStep,
  type CompileStepOptions,
  type StepMemory,
} from './compiled-step.ts';
import type { Samples } from './sample-source.ts';
import type { StepSize } from './step-size.ts';
import { weightsNotFinite } from './weights-not-finite.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface StepInput {
  /** From 1. */
  readonly step: number;
  /** Updates before this one; fewer than steps where some were skipped. */
  readonly updates: number;
  readonly learningRate: number;
  /** Of this step, where it is not as large as the others. */
  readonly size?: StepSize;
  /** gradAccumSteps micro-batches of microBatchSize sequences, one after the other. */
  readonly samples: Samples;
  /** Called after each micro-batch with how many are done. */
  readonly onMicroBatch?: (done: number) => void;
  /**
   * Waited for before parameters change; false leaves them, and the optimiser's state, as they are.
   * Until then a checkpoint may be read, and the gradient sums.
   */
  readonly beforeUpdate?: (result: StepResult, sums: GradientSums) => boolean | Promise<boolean>;
  /** Breaks the step off within a micro-batch; parameters and state then stand as before, to be read alone. */
  readonly signal?: AbortSignal;
}

/** By `sum:NAME`. */
export type GradientSums = Readonly<Record<string, Tensor>>;

export interface StepResult {
  /** Nats a target, over all targets of the step. */
  readonly loss: number;
  /** Of the loss' gradient, before clipping. */
  readonly gradNorm: number;
  /** Targets that count. */
  readonly targets: number;
}

export interface TrainingStep {
  readonly executor: Executor;
  readonly memory: StepMemory;
  /** The parameters as they are now; a step replaces the tensors. */
  parameters(): Readonly<Record<string, Tensor>>;
  /** Names and types of what the optimiser keeps, `m:NAME` and the like: with the parameters, all of a checkpoint. */
  readonly stateTypes: Readonly<Record<string, Type>>;
  /** Values of a parameter, or of the optimiser's state. Parameters do not change while micro-batches are added. */
  read(name: string): Promise<Float32Array>;
  /** The same, piece after piece, where the executor gives pieces: none of some MB is held longer than it is used. */
  readPieces(name: string): AsyncGenerator<Float32Array>;
  /** Where tensors lie in another process: that writes them. @throws DataError `weights-not-finite` */
  readonly writeWhole?: WholeWriter;
  /** Puts other values in: all parameters, and state where it is not zero. Default: the initial weights of the seed. */
  load(values?: Values): Promise<void>;
  /** @returns undefined where the signal broke it off */
  run(input: StepInput): Promise<(StepResult & { readonly updated: boolean }) | undefined>;
}

type Values = AsyncIterable<NamedTensor> | Iterable<NamedTensor>;

export interface TrainingStepOptions extends CompileStepOptions {
  readonly seed: number;
  /** Greatest global norm of the gradient; 0: no clipping. */
  readonly clip: number;
  /** All parameters, and state where it is not zero. Default: the initial weights of the seed. */
  readonly values?: Values;
  /** Default: compiled anew. */
  readonly compiled?: CompiledStep;
}

export async function createTrainingStep(options: TrainingStepOptions): Promise<TrainingStep> {
  const { executor, model, shape, optimizer, seed, clip, values = initialValues(model, seed) } = options;
  const { accumulate, measure, update, stateTypes, memory } =
    options.compiled ?? (await compileTrainingStep(options));
  const specs = model.parameters();
  let held = await load(executor, stateTypes, values);
  const missing = specs.find(({ name }) => held[name] === undefined);
  if (missing) throw new TypeError(`no values for ${missing.name}`);

  const scalar: Type = { shape: [], dtype: 'f32' };
  const sumTypes: Record<string, Type> = {
    lossSum: scalar,
    targetCount: scalar,
    ...Object.fromEntries(specs.map(({ name, shape: of }) => [sumName(name), { shape: of, dtype: 'f32' }])),
  };
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, held[name]]));
  const parameters = () => pick(specs.map(({ name }) => name));

  async function addMicroBatch(sums: Record<string, Tensor>, input: StepInput, lane: number) {
    const { step, samples, size: { sequenceLength: length } = shape } = input;
    const types = Object.entries(batchTypes(batchShapeOf(shape, options.objective, length)));
    const inputs: Record<string, Tensor> = {
      counter: await executor.upload({ shape: [3], dtype: 'u32' }, [seed >>> 0, step, lane]),
    };
    for (const [name, type] of types) {
      const size = sizeOf(type.shape);
      const part = samples[name].subarray(lane * size, (lane + 1) * size);
      inputs[name] = await executor.upload(type, part, { split: true });
    }
    const next = await executor.run(await accumulate(length), { ...parameters(), ...sums, ...inputs });
    executor.dispose(...Object.values(inputs));
    return next;
  }

  return {
    executor,
    memory,
    parameters,
    stateTypes,
    read: async (name) => (await executor.download(held[name])) as Float32Array,
    readPieces: (name) => downloadPieces(executor, held[name]),
    ...(executor.writeFile && {
      async writeWhole(path: string, head: Uint8Array, names: readonly string[]) {
        const tensors = names.map((name) => held[name]);
        const { sha256, notFinite } = await executor.writeFile!(path, head, tensors);
        if (notFinite !== undefined) throw weightsNotFinite(names[notFinite]);
        return { sha256 };
      },
    }),
    async load(other = initialValues(model, seed)) {
      executor.dispose(...Object.values(held));
      held = await load(executor, stateTypes, other);
    },
    async run(input) {
      const { onMicroBatch, signal, beforeUpdate, learningRate, updates } = input;
      const { gradAccumSteps } = input.size ?? shape;
      let sums = await allocateAll(executor, sumTypes);
      for (let lane = 0; lane < gradAccumSteps; lane++) {
        const next = await unlessAborted(addMicroBatch(sums, input, lane), signal);
        if (next === undefined) return undefined;
        sums = next;
        onMicroBatch?.(lane + 1);
      }
      const result = await readAll(executor, await executor.run(measure, sums));
      const updated = (await beforeUpdate?.(result, sums)) ?? true;
      if (updated) {
        const scale = clipFactor(result.gradNorm, clip) / result.targets;
        const numbers = [learningRate, scale, ...optimizer.scalars(updates + 1)];
        const settings = await executor.upload({ shape: [numbers.length], dtype: 'f32' }, numbers);
        held = await executor.run(update, { ...held, ...sums, settings });
        executor.dispose(settings);
      }
      executor.dispose(...Object.values(sums));
      return { ...result, updated };
    },
  };
}

/** By which a gradient of this norm is multiplied so that its norm is at most `clip` (as PyTorch does it). */
function clipFactor(norm: number, clip: number): number {
  return clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1;
}

const pieceLength = 1 << 20;

async function* downloadPieces(executor: Executor, tensor: Tensor): AsyncGenerator<Float32Array> {
  const size = sizeOf(tensor.shape);
  const whole = executor.downloadPart ? undefined : ((await executor.download(tensor)) as Float32Array);
  for (let from = 0; from < size; from += pieceLength) {
    const to = Math.min(size, from + pieceLength);
    yield whole?.subarray(from, to) ?? ((await executor.downloadPart?.(tensor, from, to)) as Float32Array);
  }
}

/** Downloads scalars and frees them. */
async function readAll(executor: Executor, outputs: Readonly<Record<string, Tensor>>): Promise<StepResult> {
  const values: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(outputs)) values[name] = (await executor.download(tensor))[0];
  executor.dispose(...Object.values(outputs));
  return values as unknown as StepResult;
}
/** Initial weights, one tensor after the other. */
export function* initialValues(model: LanguageModel, seed: number): Generator<NamedTensor> {
  for (const [i, spec] of model.parameters().entries())
    yield { name: spec.name, shape: spec.shape, data: initialise(spec, i, seed) };
}

async function load(
  executor: Executor,
  stateTypes: Readonly<Record<string, Type>>,
  values: Values,
): Promise<Record<string, Tensor>> {
  const held: Record<string, Tensor> = {};
  for await (const { name, shape, data } of values)
    held[name] = await executor.upload({ shape, dtype: 'f32' }, data);
  const absent = Object.entries(stateTypes).filter(([name]) => held[name] === undefined);
  return { ...held, ...(await allocateAll(executor, Object.fromEntries(absent))) };
}

async function allocateAll(
  executor: Executor,
  types: Readonly<Record<string, Type>>,
): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, type] of Object.entries(types)) tensors[name] = await executor.allocate(type);
  return tensors;
}
