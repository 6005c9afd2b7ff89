// One training step on the cpu executor, in four phases: every micro-batch forwards and backwards (threads take one
// each), the mean of the gradients with their squares, the clipping factor, the update of every parameter.
// Micro-batches are the unit of parallelism, so the result does not depend on the number of threads.

import {
  buildAdamWProgram,
  buildClipProgram,
  buildGradientProgram,
  buildMuonProgram,
  buildReduceProgram,
  findArchitecture,
  initialise,
  type ModelConfig,
  type ParameterSpec,
} from '@gristmill/models';
import { createCpuEngine, type CpuBuffer, type CpuEngine, type CpuTask } from '@gristmill/tensor';
import type { Samples } from './sample-source.ts';
import type { OptimizerSettings } from './settings.ts';

export interface StepShape {
  readonly microBatchSize: number;
  readonly gradAccumSteps: number;
  readonly sequenceLength: number;
}

export interface StepInput {
  /** From 1. */
  readonly step: number;
  readonly learningRate: number;
  /** gradAccumSteps micro-batches of microBatchSize sequences, one after the other. */
  readonly samples: Samples;
}

export interface StepResult {
  /** Nats a token. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
}

export interface TrainingStep {
  readonly engine: CpuEngine;
  readonly parameters: ReadonlyMap<string, CpuBuffer>;
  /** Everything a checkpoint must hold besides the parameters: `m:NAME`, `v:NAME`. */
  readonly optimizerState: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly buffer: CpuBuffer }
  >;
  run(input: StepInput): StepResult;
  close(): Promise<void>;
}

export interface TrainingStepOptions {
  readonly config: ModelConfig;
  readonly shape: StepShape;
  readonly optimizer: OptimizerSettings;
  readonly seed: number;
  readonly threads: number;
}

export async function createTrainingStep(options: TrainingStepOptions): Promise<TrainingStep> {
  const { config, shape, optimizer, seed, threads } = options;
  const engine = createCpuEngine({ threads });
  const specs = findArchitecture(config).parameters(config);
  const parameters = allocateParameters(engine, specs, seed);
  const optimizerState = allocateState(engine, specs, optimizer);
  const scalar = () => engine.allocate({ shape: [], dtype: 'f32' });
  const lanes = Array.from({ length: shape.gradAccumSteps }, () => createLane(engine, specs, shape));
  const settings = engine.allocate({ shape: [4], dtype: 'f32' });
  const clipped = { norm: scalar(), scalars: engine.allocate({ shape: [4], dtype: 'f32' }) };

  const squares = specs.map(scalar);
  const tensors = { specs, parameters, optimizerState, lanes, squares, scalars: clipped.scalars };
  const gradientPlan = engine.compile(
    buildGradientProgram(config, { batch: shape.microBatchSize, length: shape.sequenceLength }),
  );
  const schedule = await engine.schedule([
    lanes.map((lane) => ({
      plan: gradientPlan,
      inputs: { ...Object.fromEntries(parameters), ...lane.inputs },
      outputs: { ...lane.gradients, loss: lane.loss },
    })),
    createReduceTasks(engine, tensors),
    [
      {
        plan: engine.compile(buildClipProgram(specs.length)),
        inputs: { settings, ...Object.fromEntries(squares.map((square, i) => [`square${i}`, square])) },
        outputs: clipped,
      },
    ],
    createUpdateTasks(engine, tensors, optimizer),
  ]);

  return {
    engine,
    parameters,
    optimizerState,
    run({ step, learningRate, samples }) {
      const { beta1, beta2, clip } = optimizer;
      settings.data.set([learningRate, 1 - beta1 ** step, 1 - beta2 ** step, clip]);
      lanes.forEach((lane, i) => fillLane(lane, samples, i, [seed >>> 0, step, i]));
      schedule.run();
      const loss = lanes.reduce((sum, lane) => sum + lane.loss.data[0], 0) / lanes.length;
      return { loss, gradNorm: clipped.norm.data[0] };
    },
    close: () => schedule.close(),
  };
}

function allocateParameters(engine: CpuEngine, specs: readonly ParameterSpec[], seed: number) {
  return new Map(
    specs.map((spec, i) => {
      const buffer = engine.allocate({ shape: spec.shape, dtype: 'f32' });
      buffer.data.set(initialise(spec, i, seed));
      return [spec.name, buffer];
    }),
  );
}

const usesMuon = (spec: ParameterSpec, optimizer: OptimizerSettings) =>
  optimizer.name === 'muon' && spec.hidden;

function allocateState(engine: CpuEngine, specs: readonly ParameterSpec[], optimizer: OptimizerSettings) {
  return new Map(
    specs.flatMap((spec) =>
      (usesMuon(spec, optimizer) ? ['m'] : ['m', 'v']).map((moment) => {
        const buffer = engine.allocate({ shape: spec.shape, dtype: 'f32' });
        return [`${moment}:${spec.name}`, { shape: spec.shape, buffer }] as const;
      }),
    ),
  );
}

/** The buffers of one micro-batch. */
interface LaneBuffers {
  readonly inputs: { readonly tokens: CpuBuffer; readonly targets: CpuBuffer; readonly counter: CpuBuffer };
  readonly gradients: Readonly<Record<string, CpuBuffer>>;
  readonly loss: CpuBuffer;
}

function createLane(engine: CpuEngine, specs: readonly ParameterSpec[], shape: StepShape): LaneBuffers {
  const { microBatchSize: batch, sequenceLength: length } = shape;
  return {
    inputs: {
      tokens: engine.allocate({ shape: [batch, length], dtype: 'i32' }),
      targets: engine.allocate({ shape: [batch * length], dtype: 'i32' }),
      counter: engine.allocate({ shape: [3], dtype: 'u32' }),
    },
    gradients: Object.fromEntries(
      specs.map(({ name, shape: of }) => [`gradient:${name}`, engine.allocate({ shape: of, dtype: 'f32' })]),
    ),
    loss: engine.allocate({ shape: [], dtype: 'f32' }),
  };
}

function fillLane({ inputs }: LaneBuffers, samples: Samples, lane: number, counter: readonly number[]): void {
  const size = inputs.tokens.data.length;
  inputs.tokens.data.set(samples.tokens.subarray(lane * size, (lane + 1) * size));
  inputs.targets.data.set(samples.targets.subarray(lane * size, (lane + 1) * size));
  inputs.counter.data.set(counter);
}

interface Tensors {
  readonly specs: readonly ParameterSpec[];
  readonly parameters: ReadonlyMap<string, CpuBuffer>;
  readonly optimizerState: TrainingStep['optimizerState'];
  readonly lanes: readonly LaneBuffers[];
  readonly squares: readonly CpuBuffer[];
  readonly scalars: CpuBuffer;
}

function createReduceTasks(engine: CpuEngine, { specs, lanes, squares }: Tensors): CpuTask[] {
  return specs.map(({ name, shape }, i) => {
    const parts = lanes.map(({ gradients }) => gradients[`gradient:${name}`]);
    return {
      plan: engine.compile(buildReduceProgram(shape, lanes.length), { gradient: 'g0' }),
      inputs: Object.fromEntries(parts.map((part, lane) => [`g${lane}`, part])),
      outputs: { gradient: parts[0], square: squares[i] },
    };
  });
}

function createUpdateTasks(engine: CpuEngine, tensors: Tensors, optimizer: OptimizerSettings): CpuTask[] {
  const { specs, parameters, optimizerState, lanes, scalars } = tensors;
  return specs.map((spec) => {
    const muon = usesMuon(spec, optimizer);
    const state = Object.fromEntries(
      (muon ? ['m'] : ['m', 'v']).map((moment) => [
        moment,
        optimizerState.get(`${moment}:${spec.name}`)!.buffer,
      ]),
    );
    const program = muon ? buildMuonProgram(spec, optimizer.muon) : buildAdamWProgram(spec, optimizer);
    const outputs = { parameter: parameters.get(spec.name)!, ...state };
    const donated = Object.fromEntries(Object.keys(outputs).map((name) => [name, name]));
    return {
      plan: engine.compile(program, donated),
      inputs: { ...outputs, gradient: lanes[0].gradients[`gradient:${spec.name}`], scalars },
      outputs,
    };
  });
}
