// What a run would be, before it is begun: sizes, memory by part, and how long it takes at a speed measured here.

import { batchTypes, countParameters, initialise, type BatchShape } from '@gristmill/models';
import type { TokenIndex } from '@gristmill/shards';
import type { Executor } from '@gristmill/tensor';
import { formatDuration } from './duration.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { SampleSource, Samples } from './sample-source.ts';
import { createOptimizer } from './optimizer-schema.ts';
import type { StepMemory } from './compiled-step.ts';
import { tokensUntil } from './step-size.ts';
import { createTrainingStep } from './training-step.ts';
import { countStepFlops, measurePeak } from './watch/utilization.ts';

export interface TrainingPlan {
  readonly model: Readonly<Record<string, unknown>>;
  readonly parameters: number;
  readonly settings: PreparedRun['settings'];
  readonly data: PreparedRun['data'];
  readonly stepTokens: number;
  readonly totalTokens: number;
  readonly trainTokens: number;
  readonly validationTokens: number;
  readonly components: SampleSource['forecast'];
  /** What the train split holds of each source. */
  readonly sources: readonly { readonly name: string; readonly tokens: number }[];
  readonly stepsDone: number;
  readonly executor: string;
  /** Bytes by part. */
  readonly memory: StepMemory;
  /** Of a step, its backward pass and update included. */
  readonly stepFlops: number;
  /** What a product of matrices reaches here, in FLOPs a second. */
  readonly peakFlops: number;
  /** Model FLOPs utilization at the speed measured. */
  readonly mfu: number;
  readonly tokensPerSecond: number;
  /** Of the steps still to come, evaluations and checkpoints aside. */
  readonly secondsLeft: number;
  readonly timeLeft: string;
  readonly hoursLeft: number;
}

/** Measures a micro-batch and an update on weights that are thrown away. */
export async function planTraining(
  prepared: PreparedRun,
  source: SampleSource,
  executor: Executor,
): Promise<TrainingPlan> {
  const { settings, data, description, index, done, model, objective } = prepared;
  const { memory, stepSeconds } = await measureStep(prepared, executor);
  const stepTokens = settings.microBatchSize * settings.gradAccumSteps * settings.sequenceLength;
  const totalTokens = tokensUntil(settings, settings.steps);
  const stepFlops = countStepFlops(model, createOptimizer(settings), settings, objective);
  const peakFlops = await measurePeak(executor);
  const secondsLeft = (stepSeconds * (totalTokens - tokensUntil(settings, done))) / stepTokens;
  return {
    model: description.model,
    parameters: countParameters(model),
    settings,
    data,
    stepTokens,
    totalTokens,
    trainTokens: index.splits.train?.tokens ?? 0,
    validationTokens: index.splits.validation?.tokens ?? 0,
    components: source.forecast,
    sources: countSources(index),
    stepsDone: done,
    executor: executor.name,
    memory,
    stepFlops,
    peakFlops: Math.round(peakFlops),
    mfu: Number((stepFlops / peakFlops / stepSeconds).toPrecision(4)),
    tokensPerSecond: Math.round(stepTokens / stepSeconds),
    secondsLeft: Math.round(secondsLeft),
    timeLeft: formatDuration(secondsLeft),
    hoursLeft: Number((secondsLeft / 3600).toPrecision(3)),
  };
}

function countSources({ shards }: TokenIndex): TrainingPlan['sources'] {
  const counts = new Map<string, number>();
  for (const { split, source, tokens } of shards)
    if (split === 'train') counts.set(source, (counts.get(source) ?? 0) + tokens);
  return [...counts].map(([name, tokens]) => ({ name, tokens }));
}

const enoughMs = 2000;
const mostSteps = 50;

/** Seconds that a step takes: the fastest micro-batch, as often as a step has it, and the fastest update. */
async function measureStep({ model, settings, objective }: PreparedRun, executor: Executor) {
  const step = await createTrainingStep({
    executor,
    model,
    objective,
    shape: { ...settings, gradAccumSteps: 1 },
    optimizer: createOptimizer(settings),
    seed: settings.seed,
    clip: settings.clip,
    values: flatWeights(model),
  });
  const samples = fillBatch(objective.shape(settings.microBatchSize), model.vocabSize);
  let [micro, update] = [Infinity, Infinity];
  const begun = performance.now();
  for (let n = 1; n <= mostSteps && (n <= 1 || performance.now() - begun < enoughMs); n++) {
    const start = performance.now();
    let added = start;
    const onMicroBatch = () => (added = performance.now());
    await step.run({ step: n, updates: n - 1, learningRate: 0, samples, onMicroBatch });
    micro = Math.min(micro, added - start);
    update = Math.min(update, performance.now() - added);
  }
  return { memory: step.memory, stepSeconds: (micro * settings.gradAccumSteps + update) / 1000 };
}

/** Tokens of all kinds; of everything else, zeros. */
function fillBatch(shape: BatchShape, vocabSize: number): Samples {
  const arrays = Object.entries(batchTypes(shape)).map(([name, { shape: lengths, dtype }]) => {
    const size = lengths.reduce((product, length) => product * length, 1);
    const isToken = /^(tokens|targets|encoderTokens)$/.test(name);
    const values = Array.from({ length: size }, (_, i) => (isToken ? (i * 7919) % vocabSize : 0));
    return [name, dtype === 'f32' ? Float32Array.from(values) : Int32Array.from(values)] as const;
  });
  return Object.fromEntries(arrays) as unknown as Samples;
}

/** Weights that cost nothing to make: speed does not depend on them. */
function* flatWeights(model: PreparedRun['model']) {
  for (const [i, spec] of model.parameters().entries()) {
    const size = spec.shape.reduce((product, length) => product * length, 1);
    const row =
      spec.init.kind === 'normal' ? initialise({ ...spec, shape: [Math.min(size, 4096)] }, i, 1) : undefined;
    const data = new Float32Array(size).fill(spec.init.kind === 'ones' ? 1 : 0);
    for (let at = 0; row && at < size; at += row.length) data.set(row.subarray(0, size - at), at);
    yield { name: spec.name, shape: spec.shape, data };
  }
}
