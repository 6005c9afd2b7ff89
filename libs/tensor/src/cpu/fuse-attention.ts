// Attention that reads and writes packed projections as they lie: slices of a tensor [B, T, W] that only become heads
// are not cut out, and gradients that are only joined again are written to their places at once.

import { sizeOf, type Operation, type Program, type Value } from '../program.ts';
import { readGraph, replaceOperations, type Graph } from './graph.ts';

export function fuseAttention(program: Program): Program {
  const graph = readGraph(program);
  const replacements = new Map<number, Operation[]>();
  const gone = new Set<number>();
  graph.operations.forEach((operation, index) => {
    if (operation.name !== 'attention' && operation.name !== 'attentionBackward') return;
    const first = operation.name === 'attention' ? 0 : 3;
    const viewed = readViews(graph, operation, first);
    const joined = first === 3 ? writeJoined(graph, viewed, gone) : viewed;
    if (joined !== operation) replacements.set(index, [joined]);
  });
  for (const index of gone) replacements.set(index, []);
  return replaceOperations(program, replacements);
}

interface View {
  readonly source: Value;
  /** Bytes. */
  readonly offset: number;
  /** Elements from one position to the next. */
  readonly stride: number;
}

/** A value [B, T, H, D] as what it was cut from along the last axis. */
function viewOf(graph: Graph, value: Value): View | undefined {
  const [batch, length] = value.shape;
  const shaped = graph.makerOf(value)?.operation;
  const cut = shaped?.name === 'reshape' ? shaped.inputs[0] : value;
  const slice = graph.makerOf(cut)?.operation;
  if (slice?.name !== 'slice') return undefined;
  const [source] = slice.inputs;
  if (source.shape.length !== 3 || source.shape[0] !== batch || source.shape[1] !== length) return undefined;
  if (cut.shape.length !== 3 || cut.shape[0] !== batch || cut.shape[1] !== length) return undefined;
  return { source, offset: (slice.attributes.start as number[])[2] * 4, stride: source.shape[2] };
}

function readViews(graph: Graph, operation: Operation, first: number): Operation {
  const parts = operation.inputs.slice(first, first + 3);
  const views = parts.map((part) => viewOf(graph, part));
  if (!views.some(Boolean)) return operation;
  const all = views.map(
    (view, i) => view ?? { source: parts[i], offset: 0, stride: parts[i].shape[2] * parts[i].shape[3] },
  );
  const inputs = operation.inputs.with(first, all[0].source).with(first + 1, all[1].source);
  return {
    ...operation,
    inputs: inputs.with(first + 2, all[2].source),
    attributes: {
      ...operation.attributes,
      shapes: [...parts[0].shape, ...parts[1].shape],
      views: all.flatMap(({ offset, stride }) => [offset, stride]),
    },
  };
}

/** Where the gradients of q, k and v are joined along the last axis and read by nothing else, they lie there. */
function writeJoined(graph: Graph, operation: Operation, gone: Set<number>): Operation {
  const { outputs } = operation;
  const ends = outputs.map((output) => endOf(graph, output));
  const [joins] = ends;
  if (outputs.length !== 3 || !joins || ends.some((end) => end?.index !== joins.index)) return operation;
  const concat = graph.operations[joins.index];
  const [joined] = concat.outputs;
  if (concat.name !== 'concat' || concat.inputs.length !== 3 || joined.shape.length !== 3) return operation;
  if (concat.attributes.axis !== 2 || ends.some((end, i) => concat.inputs[i].id !== end?.value.id))
    return operation;
  gone.add(joins.index);
  let offset = 0;
  const gradientViews = outputs.flatMap((output) => {
    const view = [offset, joined.shape[2]];
    offset += (sizeOf(output.shape) / output.shape[0] / output.shape[1]) * 4;
    return view;
  });
  const shapes = operation.attributes.shapes ?? operation.inputs.slice(3, 5).flatMap(({ shape }) => shape);
  return { ...operation, outputs: [joined], attributes: { ...operation.attributes, shapes, gradientViews } };
}

/** The only reader of a value behind reshapes, and the value that it reads. */
function endOf(graph: Graph, value: Value): { readonly index: number; readonly value: Value } | undefined {
  const [index] = graph.readersOf(value);
  if (index === undefined || graph.usesOf(value) !== 1) return undefined;
  const reader = graph.operations[index];
  return reader.name === 'reshape' ? endOf(graph, reader.outputs[0]) : { index, value };
}
