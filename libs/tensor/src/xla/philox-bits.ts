// The primitive `philox` in StableHLO: ten rounds over vectors of counters, the 32 x 32-bit products in 64 bits.

import { sizeOf } from '../program.ts';
import type { Emitter, TensorType, Typed } from './emitter.ts';

const multipliers = [0xd2511f53, 0xcd9e8d57];
const increments = [0x9e3779b9, 0xbb67ae85];
const rounds = 10;

/** counter is u32[3] [seed, step, lane]; element i of the result is word i mod 4 of block i div 4. */
export function emitPhilox(e: Emitter, counter: Typed, stream: number, out: TensorType): Typed {
  const size = sizeOf(out.shape);
  const blocks = Math.ceil(size / 4);
  const vector = { shape: [blocks], dtype: 'u32' };
  const combine = (kind: string, x: Typed, y: Typed) => e.apply(`stablehlo.${kind}`, [x, y], x);
  const pick = (i: number) =>
    e.broadcast(e.slice(counter, [i], [i + 1], { shape: [1], dtype: 'u32' }), vector);
  const [seed, step, lane] = [pick(0), pick(1), pick(2)];

  let c: Typed[] = [
    e.apply('stablehlo.iota', [], vector, 'iota_dimension = 0 : i64'),
    step,
    lane,
    e.constant(0, vector),
  ];
  let keys = [seed, e.constant(stream, vector)];
  for (let round = 0; round < rounds; round++) {
    const [first, second] = [multiplyWide(e, c[0], multipliers[0]), multiplyWide(e, c[2], multipliers[1])];
    c = [
      combine('xor', combine('xor', second.high, c[1]), keys[0]),
      second.low,
      combine('xor', combine('xor', first.high, c[3]), keys[1]),
      first.low,
    ];
    keys = keys.map((key, i) => combine('add', key, e.constant(increments[i], vector)));
  }
  const columns = c.map((word) => e.apply('stablehlo.reshape', [word], { shape: [blocks, 1], dtype: 'u32' }));
  const words = e.concat(columns, 1, { shape: [blocks, 4], dtype: 'u32' });
  const flat = e.apply('stablehlo.reshape', [words], { shape: [blocks * 4], dtype: 'u32' });
  return e.apply('stablehlo.reshape', [e.slice(flat, [0], [size], { shape: [size], dtype: 'u32' })], out);
}

function multiplyWide(e: Emitter, x: Typed, by: number): { high: Typed; low: Typed } {
  const wide = { shape: x.shape, dtype: 'u64' };
  const product = e.apply(
    'stablehlo.multiply',
    [e.apply('stablehlo.convert', [x], wide), e.constant(by, wide)],
    wide,
  );
  const shifted = e.apply('stablehlo.shift_right_logical', [product, e.constant(32, wide)], wide);
  return {
    high: e.apply('stablehlo.convert', [shifted], x),
    low: e.apply('stablehlo.convert', [product], x),
  };
}
