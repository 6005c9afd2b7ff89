// Fusion: what follows a matrix product and goes over its result once is done while that lies in the cache (bias and
// GELU, the slope of GELU, a residual, the sum of a gradient so far), and a bias's gradient is summed while the product
// that gives its weight's packs the same numbers. Each rule makes an operation that has a kernel (matrix-kernels.ts).

import type { Operation, Program, Value } from '../program.ts';
import { readGraph, replaceOperations, type Graph } from './graph.ts';

/** Looks at the operation of an index and says what to put in the place of which operations. */
type Rule = (graph: Graph, operation: Operation, index: number) => readonly Replacement[] | undefined;
type Replacement = readonly [index: number, operations: readonly Operation[]];

export function fuse(program: Program): Program {
  return [addToTable, activateProduct, slopeProduct, addResidual, sumColumns, addToProduct].reduce(
    applyRule,
    program,
  );
}

function applyRule(program: Program, rule: Rule): Program {
  const graph = readGraph(program);
  const replacements = new Map<number, readonly Operation[]>();
  graph.operations.forEach((operation, index) => {
    const found = rule(graph, operation, index);
    if (!found || found.some(([at]) => replacements.has(at))) return;
    for (const [at, operations] of found) replacements.set(at, operations);
  });
  return replaceOperations(program, replacements);
}

const isMatrixProduct = ({ name, inputs }: Operation) => name === 'matmul' && inputs[0].shape.length === 2;

/** gelu(linear(x)) */
const activateProduct: Rule = (graph, operation, index) => {
  if (operation.name !== 'gelu' || !operation.attributes.approximate) return undefined;
  const maker = graph.makerOf(operation.inputs[0]);
  if (maker?.operation.name !== 'linear') return undefined;
  const outputs = [maker.operation.outputs[0], operation.outputs[0]];
  return [
    [maker.index, [{ ...maker.operation, name: 'linearGelu', outputs }]],
    [index, []],
  ];
};

/** geluBackward(x, matmul(g, w)) */
const slopeProduct: Rule = (graph, operation, index) => {
  if (operation.name !== 'geluBackward' || !operation.attributes.approximate) return undefined;
  const [x, g] = operation.inputs;
  const maker = graph.makerOf(graph.behindReshapes(g));
  if (!maker || !isMatrixProduct(maker.operation) || graph.usesOf(maker.operation.outputs[0]) !== 1)
    return undefined;
  if (!graph.existsBefore(x, maker.index)) return undefined;
  const { inputs, attributes } = maker.operation;
  const fused = {
    name: 'matmulGeluBackward',
    inputs: [...inputs, x],
    outputs: operation.outputs,
    attributes,
  };
  return [
    [maker.index, [fused]],
    [index, []],
  ];
};

/** x + linear(y) */
const addResidual: Rule = (graph, operation, index) => {
  if (operation.name !== 'add') return undefined;
  for (const [x, y] of [operation.inputs, operation.inputs.toReversed()]) {
    const maker = graph.makerOf(y);
    if (maker?.operation.name !== 'linear' || graph.usesOf(y) !== 1) continue;
    if (!graph.existsBefore(x, maker.index)) continue;
    const { inputs, attributes } = maker.operation;
    const fused = { name: 'linearAdd', inputs: [...inputs, x], outputs: operation.outputs, attributes };
    return [
      [maker.index, [fused]],
      [index, []],
    ];
  }
  return undefined;
};

/** x^T g beside the sums of the columns of g */
const sumColumns: Rule = (graph, operation, index) => {
  if (!isMatrixProduct(operation) || !operation.attributes.transposeA || operation.attributes.transposeB)
    return undefined;
  const [, g] = operation.inputs;
  const sum = graph.readersOf(g).find((at) => {
    const { name, attributes, outputs } = graph.operations[at];
    const isColumns = name === 'sum' && String(attributes.axes) === '0' && outputs[0].dtype === 'f32';
    return isColumns && at > index;
  });
  if (sum === undefined) return undefined;
  const outputs = [operation.outputs[0], graph.operations[sum].outputs[0]];
  return [
    [index, [{ ...operation, name: 'matmulSums', outputs }]],
    [sum, []],
  ];
};

/** sum + x^T g, as gradients are added up: with the bias's sums where there are some */
const addToProduct: Rule = (graph, operation, index) => {
  if (operation.name !== 'add') return undefined;
  for (const [x, y] of [operation.inputs, operation.inputs.toReversed()]) {
    const behind = graph.behindReshapes(y);
    const maker = graph.makerOf(behind);
    if (!maker || graph.usesOf(behind) !== 1 || maker.operation.outputs[0].id !== behind.id) continue;
    const { name, inputs, attributes, outputs } = maker.operation;
    if (name !== 'matmulSums' && !isMatrixProduct(maker.operation)) continue;
    if (!graph.existsBefore(x, maker.index)) continue;
    const fused: Operation = {
      name: name === 'matmulSums' ? 'matmulAddSums' : 'matmulAdd',
      inputs: [...inputs, x],
      outputs: [operation.outputs[0], ...outputs.slice(1)],
      attributes,
    };
    return [
      [maker.index, [fused]],
      [index, []],
    ];
  }
  return undefined;
};

/** sum + the gradient of an embedding that is the head too: the loss adds to the sum, the look-up to that. */
const addToTable: Rule = (graph, operation, index) => {
  if (operation.name !== 'add') return undefined;
  for (const [x, y] of [operation.inputs, operation.inputs.toReversed()]) {
    const chain = findTableChain(graph, y);
    if (!chain || !graph.existsBefore(x, chain.loss.index)) continue;
    const { loss, scatter } = chain;
    const replacements: Replacement[] = [[index, []]];
    const changed = (table: Value): Operation => {
      const { outputs, inputs } = loss.operation;
      return { ...loss.operation, inputs: [...inputs, x], outputs: [outputs[0], table] };
    };
    if (!scatter) return [...replacements, [loss.index, [changed(operation.outputs[0])]]];
    const table = loss.operation.outputs[1];
    replacements.push([loss.index, [changed(table)]]);
    replacements.push([scatter.index, [{ ...scatter.operation, outputs: operation.outputs }]]);
    return replacements;
  }
  return undefined;
};

function findTableChain(graph: Graph, value: Value) {
  const maker = graph.makerOf(value);
  if (!maker || graph.usesOf(value) !== 1) return undefined;
  const isLoss = ({ name, inputs, outputs }: Operation, table: Value) =>
    name === 'crossEntropyBackward' && inputs.length === 5 && outputs[1].id === table.id;
  if (isLoss(maker.operation, value)) return { loss: maker, scatter: undefined };
  if (maker.operation.name !== 'scatterAdd') return undefined;
  const [table] = maker.operation.inputs;
  const loss = graph.makerOf(table);
  if (!loss || graph.usesOf(table) !== 1 || !isLoss(loss.operation, table)) return undefined;
  return { loss, scatter: maker };
}
