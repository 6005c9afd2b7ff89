// Vector arithmetic of several kernels: fused multiply-add, sums of a vector's lanes, transposition, e^x.

@inline export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

@inline export function sum4(x: v128): f32 {
  const half = f32x4.add(x, i64x2.shuffle(x, x, 1, 0));
  return f32x4.extract_lane(half, 0) + f32x4.extract_lane(half, 1);
}

/** Writes the columns of a block of 4 x 4 as rows; strides in bytes. */
@inline export function transpose4(from: usize, stride: usize, to: usize, strideTo: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + stride);
  const r2 = v128.load(from + 2 * stride), r3 = v128.load(from + 3 * stride);
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5), t1 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const t2 = i32x4.shuffle(r0, r1, 2, 6, 3, 7), t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(t0, t1, 0, 2));
  v128.store(to + strideTo, i64x2.shuffle(t0, t1, 1, 3));
  v128.store(to + 2 * strideTo, i64x2.shuffle(t2, t3, 0, 2));
  v128.store(to + 3 * strideTo, i64x2.shuffle(t2, t3, 1, 3));
}

// Constants lie in memory, each four times: one load is cheaper than the four instructions that V8 makes of a literal.
// Every module has a place of its own for them (--memoryBase), since all share one memory.
const k = memory.data<f32>([
  88.3762626647949, 88.3762626647949, 88.3762626647949, 88.3762626647949,
  -87.3365478515625, -87.3365478515625, -87.3365478515625, -87.3365478515625,
  1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341,
  12582912, 12582912, 12582912, 12582912,
  -0.693359375, -0.693359375, -0.693359375, -0.693359375,
  2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4,
  1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4,
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3,
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1,
  5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1,
  1, 1, 1, 1,
], 16);

@inline export function one(): v128 {
  return v128.load(k, 192);
}

/**
 * e^x as 2^n e^r with a polynomial of degree 6 (relative error about 1e-7); exactly 0 below -87.34, where the result
 * would be subnormal, 2.4e38 above 88.37, NaN for NaN. No operation here takes more than one instruction of AVX. n is
 * rounded by adding 1.5 * 2^23, which leaves it in the low bits.
 */
@inline export function exp4(given: v128): v128 {
  const lowest = v128.load(k, 16), shifter = v128.load(k, 48);
  const x = f32x4.pmax(f32x4.pmin(given, v128.load(k)), lowest);
  const shifted = madd(x, v128.load(k, 32), shifter);
  const n = f32x4.sub(shifted, shifter);
  const r = madd(n, v128.load(k, 80), madd(n, v128.load(k, 64), x));
  let p = madd(v128.load(k, 96), r, v128.load(k, 112));
  p = madd(p, r, v128.load(k, 128));
  p = madd(p, r, v128.load(k, 144));
  p = madd(p, r, v128.load(k, 160));
  p = madd(p, r, v128.load(k, 176));
  p = f32x4.add(madd(p, f32x4.mul(r, r), r), one());
  const scaled = i32x4.add(p, i32x4.shl(shifted, 23));
  return v128.andnot(scaled, f32x4.lt(given, lowest));
}

/** 1 / (1 + e^(−x)) */
@inline export function sigmoid4(x: v128): v128 {
  return f32x4.div(one(), f32x4.add(exp4(f32x4.neg(x)), one()));
}

@inline export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}
