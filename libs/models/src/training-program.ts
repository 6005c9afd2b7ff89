// The programs of training. `accumulate` adds a micro-batch's gradients of Σ losses to running sums, `measure` says what
// they came to, `update` takes the optimiser's step, `evaluate` gives losses alone. The loss of a step is Σ over its
// targets ÷ their number, whatever the micro-batches and their masks; one buffer of gradient sums serves any number of
// micro-batches.

import {
  createBuilder,
  differentiate,
  operations as o,
  type Builder,
  type DifferentiateOptions,
  type Operation,
  type Program,
  type Value,
} from '@gristmill/tensor';
import type { BatchShape } from './batch.ts';
import type { ForwardResult, LanguageModel, ParameterSpec, Parameters } from './language-model.ts';
import { logitsOf } from './logits.ts';
import { addLosses, rowsAtOnce } from './losses.ts';
import type { Optimizer } from './optimizers/optimizer.ts';

/** A program and which output takes the buffer of which input. */
export interface DonatingProgram {
  readonly program: Program;
  readonly donate: Readonly<Record<string, string>>;
}

export const sumName = (parameter: string) => `sum:${parameter}`;
export const stateName = (state: string, parameter: string) => `${state}:${parameter}`;

export interface AccumulateOptions extends DifferentiateOptions {
  /** Share of each target that is spread over the vocabulary. Default 0. */
  readonly labelSmoothing?: number;
  /** The vocabulary of the last product is filled up to a multiple of this. Default 1. */
  readonly vocabularyMultiple?: number;
}

/**
 * One micro-batch forwards and backwards. Inputs: each parameter, `sum:NAME` of each, lossSum and targetCount f32 [],
 * those of the batch (`batchTypes`), counter u32[3] [seed, step, lane]. Outputs: the sums, each in its input's buffer. With `remat` the blocks of a model, or what leads to their attention, are computed again.
 */
export function buildAccumulateProgram(
  model: LanguageModel,
  shape: BatchShape,
  { labelSmoothing: smoothing, vocabularyMultiple, ...options }: AccumulateOptions = {},
): DonatingProgram {
  const b = createBuilder();
  const specs = model.parameters();
  const parameters = addParameters(b, specs);
  const sums = specs.map((spec) => b.input(sumName(spec.name), spec.shape));
  const [lossSum, targetCount] = [b.input('lossSum', []), b.input('targetCount', [])];
  const counter = b.input('counter', [3], 'u32');
  const { losses, sentenceLosses, targets } = addLosses(b, model, shape, {
    parameters,
    counter,
    smoothing,
    vocabularyMultiple,
  });
  const own = o.sumAll(b, losses);
  const loss = sentenceLosses ? o.add(b, own, o.sumAll(b, sentenceLosses)) : own;
  const gradients = differentiate(b, loss, Object.values(parameters), options);
  const outputs: Record<string, Value> = {
    lossSum: o.add(b, lossSum, loss),
    targetCount: o.add(b, targetCount, countTargets(b, targets)),
  };
  specs.forEach(({ name }, i) => (outputs[sumName(name)] = o.add(b, sums[i], gradients[i])));
  const program = addEarly(b.finish(outputs));
  return { program, donate: Object.fromEntries(Object.keys(outputs).map((name) => [name, name])) };
}

/**
 * Puts each operation that reads a running sum right after what it adds, so that a gradient's memory is free again
 * as soon as it was added.
 */
function addEarly(program: Program): Program {
  const sums = new Set(
    program.inputs.filter(({ name }) => name.startsWith(sumName(''))).map(({ value }) => value.id),
  );
  const isLate = ({ inputs }: Operation) => inputs.some(({ id }) => sums.has(id));
  const late = new Map<number, Operation[]>();
  for (const operation of program.operations.filter(isLate))
    for (const { id } of operation.inputs)
      if (!sums.has(id)) late.set(id, [...(late.get(id) ?? []), operation]);
  const operations = program.operations
    .filter((operation) => !isLate(operation))
    .flatMap((operation) => [operation, ...operation.outputs.flatMap(({ id }) => late.get(id) ?? [])]);
  return { ...program, operations };
}

/**
 * What a step came to, before the parameters change. Inputs: all gradient sums, lossSum, targetCount f32 []. Outputs
 * f32 []: loss (mean over the targets), gradNorm (of the mean's gradient), targets (how many, at least 1).
 */
export function buildMeasureProgram(model: LanguageModel): Program {
  const b = createBuilder();
  const sums = model.parameters().map(({ name, shape }) => b.input(sumName(name), shape));
  const [lossSum, targetCount] = [b.input('lossSum', []), b.input('targetCount', [])];
  const squares = sums.map((sum) => o.reshape(b, b.apply('sumSquares', [sum]), [1]));
  const sumOfSquares = o.reshape(b, o.sum(b, o.concat(b, squares, 0), [0]), []);
  const targets = o.maximum(b, targetCount, 1);
  return b.finish({
    loss: o.divide(b, lossSum, targets),
    gradNorm: o.divide(b, o.sqrt(b, sumOfSquares), targets),
    targets,
  });
}

/**
 * The optimiser's step. Inputs: each parameter, its state (`m:NAME` …), its gradient sum, settings f32[2 + n]
 * [learningRate, factor of the sums, the optimiser's own scalars]. Outputs: parameters and states in their buffers.
 */
export function buildUpdateProgram(model: LanguageModel, optimizer: Optimizer): DonatingProgram {
  const b = createBuilder();
  const specs = model.parameters();
  const parameters = addParameters(b, specs);
  const states = specs.map((spec) => addState(b, spec, optimizer));
  const sums = specs.map(({ name, shape }) => b.input(sumName(name), shape));
  const own = optimizer.scalars(1).length;
  const settings = b.input('settings', [2 + own]);
  const setting = (i: number) => o.reshape(b, o.slice(b, settings, [i], [i + 1]), []);
  const scalars = {
    learningRate: setting(0),
    scale: setting(1),
    own: Array.from({ length: own }, (_, i) => setting(2 + i)),
  };
  const outputs: Record<string, Value> = {};
  specs.forEach((spec, i) => {
    const [parameter, gradient, state] = [parameters[spec.name], sums[i], states[i]];
    const updated = optimizer.update(b, { spec, parameter, gradient, state, scalars });
    outputs[spec.name] = updated.parameter;
    for (const [name, value] of Object.entries(updated.state)) outputs[stateName(name, spec.name)] = value;
  });
  const donate = Object.fromEntries(Object.keys(outputs).map((name) => [name, name]));
  return { program: b.finish(outputs), donate };
}

function addState(b: Builder, spec: ParameterSpec, optimizer: Optimizer): Record<string, Value> {
  const shapes = Object.entries(optimizer.state(spec));
  return Object.fromEntries(
    shapes.map(([state, shape]) => [state, b.input(stateName(state, spec.name), shape)]),
  );
}

export interface EvaluateOptions extends BatchShape {
  /** Adds the output likeliest i32[B·T, 1]: the token that each position would write. */
  readonly likeliest?: boolean;
}

/**
 * Inputs: parameters, those of the batch. Outputs: losses f32[B·T, 1] in nats, 0 where left out; sentenceLosses f32[B, 1]
 * of a batch that asks for them.
 */
export function buildEvaluateProgram(model: LanguageModel, options: EvaluateOptions): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const { losses, sentenceLosses, rows, result } = addLosses(b, model, options, { parameters });
  return b.finish({
    losses,
    ...(sentenceLosses ? { sentenceLosses } : {}),
    ...(options.likeliest ? { likeliest: findLikeliest(b, rows, result) } : {}),
  });
}

/** Of each row [N, C] the token with the greatest logit, i32 [N, 1]; logits of some rows at a time. */
function findLikeliest(b: Builder, rows: Value, result: ForwardResult): Value {
  const [count, width] = rows.shape;
  const parts: Value[] = [];
  for (let from = 0; from < count; from += rowsAtOnce) {
    const part = o.slice(b, rows, [from, 0], [Math.min(count, from + rowsAtOnce), width]);
    parts.push(o.argMax(b, logitsOf(b, part, result)));
  }
  return parts.length === 1 ? parts[0] : o.concat(b, parts, 0);
}

export function addParameters(b: Builder, specs: readonly ParameterSpec[]): Parameters {
  return Object.fromEntries(specs.map(({ name, shape }) => [name, b.input(name, shape)]));
}

/** Targets that are not negative, as f32 []. */
function countTargets(b: Builder, targets: Value): Value {
  const isLeftOut = o.convert(b, o.less(b, targets, 0), 'f32');
  return o.subtract(b, targets.shape[0], o.sumAll(b, isLeftOut));
}
