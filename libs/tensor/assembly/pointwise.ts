// asc: --enable simd --enable relaxed-simd --enable threads --enable bulk-memory --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --uncheckedBehavior always --memoryBase 8192
// Elementwise kernels in single precision, the activation, the optimiser and dropout. Buffers begin on 32 bytes and may
// be read and written up to the next multiple of 32 bytes, so no loop has a tail. `out` may be an input.

import { gelu4, geluErf4, geluErfSlope4, geluSlope4 } from './vector/gelu';
import { exp4, madd, one, sigmoid4 } from './vector/math';

export function copy(from: usize, to: usize, bytes: i32): void {
  memory.copy(to, from, <usize>bytes);
}

export function add(n: i32, x: usize, y: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, y += 32, out += 32) {
    v128.store(out, f32x4.add(v128.load(x), v128.load(y)));
    v128.store(out, f32x4.add(v128.load(x, 16), v128.load(y, 16)), 16);
  }
}

export function subtract(n: i32, x: usize, y: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16, y += 16, out += 16)
    v128.store(out, f32x4.sub(v128.load(x), v128.load(y)));
}

export function multiply(n: i32, x: usize, y: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16, y += 16, out += 16)
    v128.store(out, f32x4.mul(v128.load(x), v128.load(y)));
}

export function divide(n: i32, x: usize, y: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16, y += 16, out += 16)
    v128.store(out, f32x4.div(v128.load(x), v128.load(y)));
}

// The same with one operand that is a single number in memory.
export function addScalar(n: i32, x: usize, scalar: usize, out: usize): void {
  const s = v128.load32_splat(scalar);
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16) v128.store(out, f32x4.add(v128.load(x), s));
}

export function multiplyScalar(n: i32, x: usize, scalar: usize, out: usize): void {
  const s = v128.load32_splat(scalar);
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16) v128.store(out, f32x4.mul(v128.load(x), s));
}

export function subtractScalar(n: i32, x: usize, scalar: usize, out: usize): void {
  const s = v128.load32_splat(scalar);
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16) v128.store(out, f32x4.sub(v128.load(x), s));
}

export function divideScalar(n: i32, x: usize, scalar: usize, out: usize): void {
  const s = v128.load32_splat(scalar);
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16) v128.store(out, f32x4.div(v128.load(x), s));
}

export function negate(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16) v128.store(out, f32x4.neg(v128.load(x)));
}

export function exp(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, out += 32) {
    v128.store(out, exp4(v128.load(x)));
    v128.store(out, exp4(v128.load(x, 16)), 16);
  }
}

export function sqrt(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16) v128.store(out, f32x4.sqrt(v128.load(x)));
}

export function rsqrt(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16)
    v128.store(out, f32x4.div(f32x4.splat(1), f32x4.sqrt(v128.load(x))));
}

export function gelu(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, out += 32) {
    const a = v128.load(x), b = v128.load(x, 16);
    v128.store(out, gelu4(a));
    v128.store(out, gelu4(b), 16);
  }
}

export function geluBackward(n: i32, x: usize, g: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, g += 32, out += 32) {
    v128.store(out, f32x4.mul(v128.load(g), geluSlope4(v128.load(x))));
    v128.store(out, f32x4.mul(v128.load(g, 16), geluSlope4(v128.load(x, 16))), 16);
  }
}

export function geluErf(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, out += 32) {
    v128.store(out, geluErf4(v128.load(x)));
    v128.store(out, geluErf4(v128.load(x, 16)), 16);
  }
}

export function geluErfBackward(n: i32, x: usize, g: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, g += 32, out += 32) {
    v128.store(out, f32x4.mul(v128.load(g), geluErfSlope4(v128.load(x))));
    v128.store(out, f32x4.mul(v128.load(g, 16), geluErfSlope4(v128.load(x, 16))), 16);
  }
}

@inline function silu4(x: v128): v128 {
  return f32x4.mul(x, sigmoid4(x));
}

export function silu(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, out += 32) {
    v128.store(out, silu4(v128.load(x)));
    v128.store(out, silu4(v128.load(x, 16)), 16);
  }
}

@inline function positive4(x: v128): v128 {
  return f32x4.pmax(f32x4.splat(0), x);
}

export function relu(n: i32, x: usize, out: usize): void {
  const zero = f32x4.splat(0);
  for (const end = x + (<usize>n << 2); x < end; x += 16, out += 16) v128.store(out, f32x4.pmax(zero, v128.load(x)));
}

export function reluBackward(n: i32, x: usize, g: usize, out: usize): void {
  const zero = f32x4.splat(0);
  for (const end = x + (<usize>n << 2); x < end; x += 16, g += 16, out += 16)
    v128.store(out, v128.and(v128.load(g), f32x4.lt(zero, v128.load(x))));
}

/** max(x, 0)² */
export function squaredRelu(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, out += 32) {
    const low = positive4(v128.load(x)), high = positive4(v128.load(x, 16));
    v128.store(out, f32x4.mul(low, low));
    v128.store(out, f32x4.mul(high, high), 16);
  }
}

export function squaredReluBackward(n: i32, x: usize, g: usize, out: usize): void {
  const two = f32x4.splat(2);
  for (const end = x + (<usize>n << 2); x < end; x += 32, g += 32, out += 32) {
    const low = f32x4.mul(positive4(v128.load(x)), two), high = f32x4.mul(positive4(v128.load(x, 16)), two);
    v128.store(out, f32x4.mul(v128.load(g), low));
    v128.store(out, f32x4.mul(v128.load(g, 16), high), 16);
  }
}

/** silu(gate) · up */
export function swiglu(n: i32, gate: usize, up: usize, out: usize): void {
  for (const end = gate + (<usize>n << 2); gate < end; gate += 32, up += 32, out += 32) {
    v128.store(out, f32x4.mul(silu4(v128.load(gate)), v128.load(up)));
    v128.store(out, f32x4.mul(silu4(v128.load(gate, 16)), v128.load(up, 16)), 16);
  }
}

@inline function swigluSlopes(gate: usize, up: usize, g: usize, dGate: usize, dUp: usize): void {
  const x = v128.load(gate), gradient = v128.load(g), s = sigmoid4(x);
  const slope = f32x4.mul(s, madd(x, f32x4.sub(one(), s), one()));
  const ofGate = f32x4.mul(f32x4.mul(gradient, v128.load(up)), slope);
  v128.store(dUp, f32x4.mul(gradient, f32x4.mul(x, s)));
  v128.store(dGate, ofGate);
}

export function swigluBackward(n: i32, gate: usize, up: usize, g: usize, dGate: usize, dUp: usize): void {
  for (const end = gate + (<usize>n << 2); gate < end; gate += 32, up += 32, g += 32, dGate += 32, dUp += 32) {
    swigluSlopes(gate, up, g, dGate, dUp);
    swigluSlopes(gate + 16, up + 16, g + 16, dGate + 16, dUp + 16);
  }
}

/** scalars: f32[4] [learningRate, 1 − β1^t, 1 − β2^t, gradient scale]. */
export function adamw(
  n: i32, p: usize, g: usize, m: usize, v: usize, scalars: usize, newP: usize, newM: usize, newV: usize,
  beta1: f32, beta2: f32, epsilon: f32, weightDecay: f32,
): void {
  const rate = v128.load32_splat(scalars), scale = v128.load32_splat(scalars, 12);
  const correction1 = v128.load32_splat(scalars, 4), correction2 = v128.load32_splat(scalars, 8);
  const b1 = f32x4.splat(beta1), b2 = f32x4.splat(beta2), eps = f32x4.splat(epsilon), decay = f32x4.splat(weightDecay);
  const c1 = f32x4.splat(1 - beta1), c2 = f32x4.splat(1 - beta2);
  for (const end = p + (<usize>n << 2); p < end; p += 16) {
    const gradient = f32x4.mul(v128.load(g), scale);
    const mean = madd(v128.load(m), b1, f32x4.mul(gradient, c1));
    const square = madd(v128.load(v), b2, f32x4.mul(f32x4.mul(gradient, gradient), c2));
    const size = f32x4.add(f32x4.sqrt(f32x4.div(square, correction2)), eps);
    const old = v128.load(p);
    const direction = madd(old, decay, f32x4.div(f32x4.div(mean, correction1), size));
    v128.store(newP, f32x4.sub(old, f32x4.mul(direction, rate)));
    v128.store(newM, mean);
    v128.store(newV, square);
    g += 16; m += 16; v += 16; newP += 16; newM += 16; newV += 16;
  }
}

/** Σ x² as a double, in a fixed order. */
export function sumSquares(n: i32, x: usize, out: usize): void {
  let total: f64 = 0;
  let i = 0;
  let low = f64x2.splat(0), high = low;
  for (; i + 4 <= n; i += 4, x += 16) {
    const value = v128.load(x);
    const a = f64x2.promote_low_f32x4(value);
    const b = f64x2.promote_low_f32x4(i64x2.shuffle(value, value, 1, 0));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  for (; i < n; i++, x += 4) total += <f64>load<f32>(x) * <f64>load<f32>(x);
  low = f64x2.add(low, high);
  store<f64>(out, total + f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1));
}

/** The sum of n doubles, in their order, as a float. */
export function sumDoubles(n: i32, x: usize, out: usize): void {
  let total: f64 = 0;
  for (const end = x + (<usize>n << 3); x < end; x += 8) total += load<f64>(x);
  store<f32>(out, <f32>total);
}

/**
 * Philox 4x32-10 (see philox.ts); elements whose bits lie below `threshold` become 0, the others are scaled.
 * `x` and `out` begin at element 4 · `first` of the whole.
 */
export function dropout(
  n: i32, first: u32, x: usize, counter: usize, out: usize, stream: u32, threshold: u32, scale: f32,
): void {
  const seed = load<u32>(counter), step = load<u32>(counter, 4), lane = load<u32>(counter, 8);
  const blocks = first + <u32>((n + 3) >> 2);
  for (let block = first; block < blocks; block++) {
    let c0 = block, c1 = step, c2 = lane, c3: u32 = 0, k0 = seed, k1 = stream;
    for (let round = 0; round < 10; round++) {
      const p0 = <u64>0xd2511f53 * <u64>c0, p1 = <u64>0xcd9e8d57 * <u64>c2;
      c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
      c1 = <u32>p1;
      c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
      c3 = <u32>p0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    store<f32>(out, c0 < threshold ? 0 : load<f32>(x) * scale);
    store<f32>(out, c1 < threshold ? 0 : load<f32>(x, 4) * scale, 4);
    store<f32>(out, c2 < threshold ? 0 : load<f32>(x, 8) * scale, 8);
    store<f32>(out, c3 < threshold ? 0 : load<f32>(x, 12) * scale, 12);
    x += 16;
    out += 16;
  }
}

/** out[column · strideOut + row] = x[row · strideX + column], in squares that stay in the cache. */
export function transpose(rows: i32, columns: i32, strideX: i32, x: usize, strideOut: i32, out: usize): void {
  for (let from = 0; from < rows; from += 16) {
    const until = min(rows, from + 16);
    for (let column = 0; column < columns; column++) {
      let source = x + ((<usize>from * strideX + column) << 2);
      const target = out + (<usize>column * strideOut << 2);
      for (let row = from; row < until; row++, source += <usize>strideX << 2)
        store<f32>(target + (<usize>row << 2), load<f32>(source));
    }
  }
}
