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

const shifter: f32 = 12582912; // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
const lowest: f32 = -87.3365478515625;

/**
 * e^x as 2^n e^r with a polynomial of degree 6 (relative error about 1e-7); exactly 0 below -87.34, where the result
 * would be subnormal, 2.4e38 above 88.37, NaN for NaN. No operation here takes more than one instruction of AVX.
 */
@inline export function exp4(given: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(given, f32x4.splat(88.3762626647949)), f32x4.splat(lowest));
  const shifted = madd(x, f32x4.splat(1.44269504088896341), f32x4.splat(shifter));
  const n = f32x4.sub(shifted, f32x4.splat(shifter));
  let r = madd(n, f32x4.splat(-0.693359375), x);
  r = madd(n, f32x4.splat(2.12194440e-4), r);
  let p = f32x4.splat(1.9875691500e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  p = f32x4.add(madd(p, f32x4.mul(r, r), r), f32x4.splat(1));
  const scaled = i32x4.add(p, i32x4.shl(shifted, 23));
  return v128.andnot(scaled, f32x4.lt(given, f32x4.splat(lowest)));
}

@inline export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}
