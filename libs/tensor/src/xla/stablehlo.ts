// Lowers a program to StableHLO text, which any XLA compiler takes: one line an operation, in MLIR's generic form,
// because that form is the same in all versions. Composites are expanded; XLA fuses them again by itself.

import { lower } from '../lower.ts';
import type { Operation, Program, Value } from '../program.ts';
import { createEmitter, tensorType, type Emitter, type Typed } from './emitter.ts';
import { emitPhilox } from './philox-bits.ts';

export interface LoweringOptions {
  /** Devices that share the program (GSPMD, Xu et al. 2021). Default 1. */
  readonly devices?: number;
  /** Inputs of which each device has an equal part of the first axis. */
  readonly split?: ReadonlySet<string>;
  /** Products of f32 may read TF32. */
  readonly allowTf32?: boolean;
}

/** `donated` maps an output to the input whose buffer it takes over. */
export function lowerToStableHlo(
  program: Program,
  donated: Readonly<Record<string, string>> = {},
  { devices = 1, split = new Set(), allowTf32 = false }: LoweringOptions = {},
): string {
  const primitive = lower(program, () => false);
  const emitter = createEmitter(allowTf32);
  const names = new Map<number, Typed>();
  const parameters = primitive.inputs.map(({ name, value }, i) => {
    names.set(value.id, { name: `%arg${i}`, shape: value.shape, dtype: value.dtype });
    const output = primitive.outputs.findIndex((one) => donated[one.name] === name);
    const attributes = [
      ...(output < 0 ? [] : [`tf.aliasing_output = ${output} : i32`]),
      ...sharding(devices, split.has(name) ? value.shape.length : 0),
    ];
    return `%arg${i}: ${tensorType(value)}${bracesOf(attributes)}`;
  });
  for (const operation of primitive.operations) {
    const inputs = operation.inputs.map(({ id }) => names.get(id) as Typed);
    names.set(operation.outputs[0].id, emitOperation(emitter, operation, inputs));
  }
  const results = primitive.outputs.map(({ value }) => names.get(value.id) as Typed);
  const types = results.map(tensorType).join(', ');
  const named = results.map((result) => `${tensorType(result)}${bracesOf(sharding(devices, 0))}`);
  const shared = `attributes {mhlo.num_partitions = ${devices} : i32, mhlo.num_replicas = 1 : i32} `;
  return [
    `module @program ${devices > 1 ? shared : ''}{`,
    `func.func public @main(${parameters.join(', ')}) -> (${named.join(', ')}) {`,
    ...emitter.lines,
    `"func.return"(${results.map(({ name }) => name).join(', ')}) : (${types}) -> ()`,
    '}',
    '}',
    '',
  ].join('\n');
}

const bracesOf = (attributes: readonly string[]) =>
  attributes.length === 0 ? '' : ` {${attributes.join(', ')}}`;

/** How a value lies on several devices: cut along its first axis, or, of rank 0, a copy on each. */
function sharding(devices: number, rank: number): string[] {
  if (devices === 1) return [];
  const parts = [devices, ...new Array<number>(Math.max(0, rank - 1)).fill(1)];
  return [
    `mhlo.sharding = "${rank === 0 ? '{replicated}' : `{devices=[${parts.join(',')}]<=[${devices}]}`}"`,
  ];
}

type Emit = (e: Emitter, inputs: readonly Typed[], operation: Operation, out: Value) => Typed;

/** Primitives that have one operation of the same meaning, without attributes. */
const direct: Readonly<Record<string, string>> = {
  convert: 'stablehlo.convert',
  negate: 'stablehlo.negate',
  abs: 'stablehlo.abs',
  exp: 'stablehlo.exponential',
  log: 'stablehlo.log',
  tanh: 'stablehlo.tanh',
  erf: 'chlo.erf',
  sqrt: 'stablehlo.sqrt',
  rsqrt: 'stablehlo.rsqrt',
  sin: 'stablehlo.sine',
  cos: 'stablehlo.cosine',
  add: 'stablehlo.add',
  subtract: 'stablehlo.subtract',
  multiply: 'stablehlo.multiply',
  divide: 'stablehlo.divide',
  maximum: 'stablehlo.maximum',
  minimum: 'stablehlo.minimum',
  power: 'stablehlo.power',
  select: 'stablehlo.select',
  reshape: 'stablehlo.reshape',
  barrier: 'stablehlo.optimization_barrier',
};

function emitOperation(e: Emitter, operation: Operation, inputs: readonly Typed[]): Typed {
  const { name, outputs } = operation;
  if (name === 'stopGradient') return inputs[0];
  if (Object.hasOwn(direct, name)) return e.apply(direct[name], inputs, outputs[0]);
  if (Object.hasOwn(others, name)) return others[name](e, inputs, operation, outputs[0]);
  throw new TypeError(`${name} has no StableHLO form`);
}

const integers = (list: readonly number[]) => (list.length ? `array<i64: ${list.join(', ')}>` : 'array<i64>');
const bracketed = (list: readonly number[]) => `[${list.join(', ')}]`;
const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

const compare =
  (direction: string): Emit =>
  (e, inputs, _, out) => {
    const kinds = { f32: 'FLOAT', bf16: 'FLOAT', i32: 'SIGNED', u32: 'UNSIGNED', bool: 'UNSIGNED' };
    const attributes =
      `comparison_direction = #stablehlo<comparison_direction ${direction}>, ` +
      `compare_type = #stablehlo<comparison_type ${kinds[inputs[0].dtype as keyof typeof kinds]}>`;
    return e.apply('stablehlo.compare', inputs, out, attributes);
  };

const reduce =
  (kind: string, start: number): Emit =>
  (e, [x], { attributes }, out) => {
    const axes = attributes.axes as number[];
    return e.apply('stablehlo.reshape', [e.reduce(kind, x, axes, start)], out);
  };

/** The elements of an i32 vector, one by one. */
function scalarsOf(e: Emitter, vector: Typed): Typed[] {
  const scalar = { shape: [], dtype: 'i32' };
  return range(vector.shape[0]).map((i) =>
    e.apply('stablehlo.reshape', [e.slice(vector, [i], [i + 1], { shape: [1], dtype: 'i32' })], scalar),
  );
}

const others: Readonly<Record<string, Emit>> = {
  constant: (e, _, { attributes }, out) => e.constant(attributes.value as number, out),
  literal: (e, _, { attributes }) => e.literal(attributes.values as number[]),
  iota: (e, _, { attributes }, out) =>
    e.apply('stablehlo.iota', [], out, `iota_dimension = ${attributes.axis as number} : i64`),
  philox: (e, [counter], { attributes }, out) => emitPhilox(e, counter, attributes.stream as number, out),
  equal: compare('EQ'),
  less: compare('LT'),
  transpose: (e, inputs, { attributes }, out) =>
    e.apply(
      'stablehlo.transpose',
      inputs,
      out,
      `permutation = ${integers(attributes.permutation as number[])}`,
    ),
  broadcast: (e, [x], _, out) => e.broadcast(x, out),
  slice: (e, [x], { attributes }, out) =>
    e.slice(x, attributes.start as number[], attributes.end as number[], out),
  pad: (e, [x], { attributes }, out) => {
    const zero = e.constant(0, { shape: [], dtype: x.dtype });
    const [before, after] = [attributes.before, attributes.after] as number[][];
    const edges = `edge_padding_low = ${integers(before)}, edge_padding_high = ${integers(after)}`;
    return e.apply(
      'stablehlo.pad',
      [x, zero],
      out,
      `${edges}, interior_padding = ${integers(before.map(() => 0))}`,
    );
  },
  concat: (e, inputs, { attributes }, out) => e.concat(inputs, attributes.axis as number, out),
  sum: reduce('stablehlo.add', 0),
  max: reduce('stablehlo.maximum', -Infinity),
  // The least index among the equals of the greatest.
  argMax: (e, [x], _, out) => {
    const axis = x.shape.length - 1;
    const kept = { shape: [...x.shape.slice(0, -1), 1], dtype: x.dtype };
    const top = e.apply('stablehlo.reshape', [e.reduce('stablehlo.maximum', x, [axis], -Infinity)], kept);
    const hit = compare('EQ')(
      e,
      [x, e.broadcast(top, x)],
      {} as Operation,
      { ...x, id: 0, dtype: 'bool' } as Value,
    );
    const whole = { shape: x.shape, dtype: 'i32' };
    const index = e.apply('stablehlo.iota', [], whole, `iota_dimension = ${axis} : i64`);
    const none = e.constant(2 ** 31 - 1, whole);
    const candidates = e.apply('stablehlo.select', [hit, index, none], whole);
    return e.apply(
      'stablehlo.reshape',
      [e.reduce('stablehlo.minimum', candidates, [axis], 2 ** 31 - 1)],
      out,
    );
  },
  matmul: (e, inputs, { attributes }, out) => {
    const batches = range(out.shape.length - 2);
    const [row, column] = [batches.length, batches.length + 1];
    const numbers = [
      `lhs_batching_dimensions = ${bracketed(batches)}`,
      `rhs_batching_dimensions = ${bracketed(batches)}`,
      `lhs_contracting_dimensions = ${bracketed([attributes.transposeA ? row : column])}`,
      `rhs_contracting_dimensions = ${bracketed([attributes.transposeB ? column : row])}`,
    ];
    // Of f32: no TF32 in its place, unless it is allowed.
    const kind = inputs[0].dtype === 'f32' && !e.allowTf32 ? 'HIGHEST' : 'DEFAULT';
    const precision = `precision_config = [#stablehlo<precision ${kind}>, #stablehlo<precision ${kind}>]`;
    return e.apply(
      'stablehlo.dot_general',
      inputs,
      out,
      `dot_dimension_numbers = #stablehlo.dot<${numbers.join(', ')}>, ${precision}`,
    );
  },
  dynamicSlice: (e, [x, start], { attributes }, out) => {
    const sizes = `slice_sizes = ${integers(attributes.sizes as number[])}`;
    return e.apply('stablehlo.dynamic_slice', [x, ...scalarsOf(e, start)], out, sizes);
  },
  dynamicUpdateSlice: (e, [x, part, start], _, out) =>
    e.apply('stablehlo.dynamic_update_slice', [x, part, ...scalarsOf(e, start)], out),
  // XLA moves an index that is outside to the nearest row; ours reads zeros there.
  gather: (e, [table, indices], _, out) => {
    const rank = indices.shape.length;
    const [rows, width] = table.shape;
    const numbers = `offset_dims = [${rank}], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = ${rank}`;
    const sizes = `slice_sizes = ${integers([1, width])}, indices_are_sorted = false`;
    const read = e.apply(
      'stablehlo.gather',
      [table, indices],
      out,
      `dimension_numbers = #stablehlo.gather<${numbers}>, ${sizes}`,
    );
    // As unsigned numbers, negative indices are large.
    const unsigned = e.apply('stablehlo.convert', [indices], { shape: indices.shape, dtype: 'u32' });
    const limit = e.constant(rows, unsigned);
    const flags = { shape: indices.shape, dtype: 'bool' };
    const inside = compare('LT')(e, [unsigned, limit], {} as Operation, flags as Value);
    const dimensions = `broadcast_dimensions = ${integers(range(rank))}`;
    const whole = { shape: out.shape, dtype: 'bool' };
    const wide = e.apply('stablehlo.broadcast_in_dim', [inside], whole, dimensions);
    return e.apply('stablehlo.select', [wide, read, e.constant(0, out)], out);
  },
  scatterAdd: (e, inputs, _, out) => {
    const rank = inputs[1].shape.length;
    const numbers = `update_window_dims = [${rank}], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = ${rank}`;
    const attributes = `scatter_dimension_numbers = #stablehlo.scatter<${numbers}>, indices_are_sorted = false, unique_indices = false`;
    return e.applyWithBody('stablehlo.scatter', 'stablehlo.add', inputs, out, attributes);
  },
};
