// Writes MLIR lines in the generic form and hands out names. Types are ours and, for random bits, u64.

import { packBf16 } from '../bf16.ts';

export interface TensorType {
  readonly shape: readonly number[];
  /** f32, bf16, i32, u32, bool, u64 */
  readonly dtype: string;
}

export interface Typed extends TensorType {
  readonly name: string;
}

export interface Emitter {
  readonly lines: readonly string[];
  readonly allowTf32: boolean;
  apply(operation: string, inputs: readonly Typed[], out: TensorType, attributes?: string): Typed;
  /** An operation with a body that combines two scalars. */
  applyWithBody(
    operation: string,
    kind: string,
    inputs: readonly Typed[],
    out: TensorType,
    attributes: string,
  ): Typed;
  /** A tensor full of one value. */
  constant(value: number, type: TensorType): Typed;
  /** f32 [n] */
  literal(values: readonly number[]): Typed;
  /** By numpy's rule. */
  broadcast(x: Typed, to: TensorType): Typed;
  slice(x: Typed, start: readonly number[], end: readonly number[], out: TensorType): Typed;
  concat(inputs: readonly Typed[], axis: number, out: TensorType): Typed;
  /** The reduced axes are gone. */
  reduce(kind: string, x: Typed, axes: readonly number[], start: number): Typed;
}

const elements: Readonly<Record<string, string>> = {
  f32: 'f32',
  bf16: 'bf16',
  i32: 'i32',
  u32: 'ui32',
  u64: 'ui64',
  bool: 'i1',
};

export function tensorType({ shape, dtype }: TensorType): string {
  return `tensor<${[...shape, elements[dtype]].join('x')}>`;
}

const integers = (list: readonly number[]) => (list.length ? `array<i64: ${list.join(', ')}>` : 'array<i64>');

export function createEmitter(allowTf32 = false): Emitter {
  const lines: string[] = [];
  let count = 0;
  const write = (text: (name: string) => string, { shape, dtype }: TensorType): Typed => {
    const name = `%${count++}`;
    lines.push(`${name} = ${text(name)}`);
    return { name, shape, dtype };
  };
  const signature = (inputs: readonly Typed[], out: TensorType) =>
    `(${inputs.map(tensorType).join(', ')}) -> ${tensorType(out)}`;
  const list = (inputs: readonly Typed[]) => inputs.map(({ name }) => name).join(', ');
  const emitter: Emitter = {
    lines,
    allowTf32,
    apply: (operation, inputs, out, attributes) =>
      write(
        () =>
          `"${operation}"(${list(inputs)})${attributes ? ` {${attributes}}` : ''} : ${signature(inputs, out)}`,
        out,
      ),
    applyWithBody: (operation, kind, inputs, out, attributes) => {
      const scalar = tensorType({ shape: [], dtype: out.dtype });
      const body =
        `^bb0(%a: ${scalar}, %b: ${scalar}): %c = "${kind}"(%a, %b) : (${scalar}, ${scalar}) -> ${scalar} ` +
        `"stablehlo.return"(%c) : (${scalar}) -> ()`;
      return write(
        () => `"${operation}"(${list(inputs)}) ({ ${body} }) {${attributes}} : ${signature(inputs, out)}`,
        out,
      );
    },
    constant: (value, type) =>
      write(
        () =>
          `"stablehlo.constant"() {value = dense<${literal(value, type.dtype)}> : ${tensorType(type)}} : () -> ${tensorType(type)}`,
        type,
      ),
    literal: (values) => {
      const type = { shape: [values.length], dtype: 'f32' };
      const list = values.map((value) => literal(value, 'f32')).join(', ');
      return write(
        () =>
          `"stablehlo.constant"() {value = dense<[${list}]> : ${tensorType(type)}} : () -> ${tensorType(type)}`,
        type,
      );
    },
    broadcast: (x, to) => {
      const shift = to.shape.length - x.shape.length;
      const dimensions = `broadcast_dimensions = ${integers(x.shape.map((_, axis) => axis + shift))}`;
      return emitter.apply(
        'stablehlo.broadcast_in_dim',
        [x],
        { shape: to.shape, dtype: x.dtype },
        dimensions,
      );
    },
    slice: (x, start, end, out) => {
      const bounds = `start_indices = ${integers(start)}, limit_indices = ${integers(end)}`;
      return emitter.apply(
        'stablehlo.slice',
        [x],
        out,
        `${bounds}, strides = ${integers(start.map(() => 1))}`,
      );
    },
    concat: (inputs, axis, out) =>
      emitter.apply('stablehlo.concatenate', inputs, out, `dimension = ${axis} : i64`),
    reduce: (kind, x, axes, start) => {
      const initial = emitter.constant(start, { shape: [], dtype: x.dtype });
      const out = { shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype };
      return emitter.applyWithBody(
        'stablehlo.reduce',
        kind,
        [x, initial],
        out,
        `dimensions = ${integers(axes)}`,
      );
    },
  };
  return emitter;
}

/** Floats as their bits, so that every value is exact. */
function literal(value: number, dtype: string): string {
  if (dtype === 'bool') return value ? 'true' : 'false';
  if (dtype === 'bf16') return `0x${packBf16([value])[0].toString(16).toUpperCase().padStart(4, '0')}`;
  if (dtype !== 'f32') return String(value);
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  return `0x${bits.toString(16).toUpperCase().padStart(8, '0')}`;
}
