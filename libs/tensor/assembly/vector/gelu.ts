// GELU in the tanh form, x/2 (1 + tanh u) = x σ(2u), u = √(2/π) (x + 0.044715 x³), and exactly, x Φ(x).
import { exp4, madd, one } from './math';

// 2√(2/π) and 0.044715 times that, with the signs and factors in which they occur, each four times (see math.ts).
const k = memory.data<f32>([
  -1.5957691216057308, -1.5957691216057308, -1.5957691216057308, -1.5957691216057308,
  -0.0713548162726002, -0.0713548162726002, -0.0713548162726002, -0.0713548162726002,
  1.5957691216057308, 1.5957691216057308, 1.5957691216057308, 1.5957691216057308,
  0.2140644488178007, 0.2140644488178007, 0.2140644488178007, 0.2140644488178007,
], 16);

@inline function sigmoid2u(x: v128): v128 {
  const w = f32x4.mul(x, madd(f32x4.mul(x, x), v128.load(k, 16), v128.load(k)));
  return f32x4.div(one(), f32x4.add(exp4(w), one()));
}

@inline export function gelu4(x: v128): v128 {
  return f32x4.mul(x, sigmoid2u(x));
}

// d/dx x σ(w) = σ + x σ (1 − σ) w', w' = 2√(2/π) (1 + 3 · 0.044715 x²).
@inline export function geluSlope4(x: v128): v128 {
  const s = sigmoid2u(x);
  const slope = madd(f32x4.mul(x, x), v128.load(k, 48), v128.load(k, 32));
  return madd(f32x4.mul(f32x4.mul(x, slope), s), f32x4.sub(one(), s), s);
}

// Φ(−|x|) = t (a1 + t (a2 + … a5)) e^(−x²/2) / 2 with t = 1 / (1 + p |x| / √2) (Abramowitz and Stegun 7.1.26, to 1.5e-7):
// p / √2, then a5 … a1, halved; −1/2; 1 / √(2π). Each four times.
const e = memory.data<f32>([
  0.23164190411567688, 0.23164190411567688, 0.23164190411567688, 0.23164190411567688,
  0.5307027145, 0.5307027145, 0.5307027145, 0.5307027145,
  -0.7265760135, -0.7265760135, -0.7265760135, -0.7265760135,
  0.7107068705, 0.7107068705, 0.7107068705, 0.7107068705,
  -0.142248368, -0.142248368, -0.142248368, -0.142248368,
  0.127414796, 0.127414796, 0.127414796, 0.127414796,
  -0.5, -0.5, -0.5, -0.5,
  0.3989422804014327, 0.3989422804014327, 0.3989422804014327, 0.3989422804014327,
], 16);

/** e^(−x²/2) */
@inline function bell4(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), v128.load(e, 96)));
}

/** Φ(x) */
@inline function normal4(x: v128, bell: v128): v128 {
  const t = f32x4.div(one(), madd(f32x4.abs(x), v128.load(e), one()));
  let p = madd(v128.load(e, 16), t, v128.load(e, 32));
  p = madd(p, t, v128.load(e, 48));
  p = madd(p, t, v128.load(e, 64));
  p = madd(p, t, v128.load(e, 80));
  const tail = f32x4.mul(f32x4.mul(p, t), bell);
  return v128.bitselect(tail, f32x4.sub(one(), tail), i32x4.shr_s(x, 31));
}

@inline export function geluErf4(x: v128): v128 {
  return f32x4.mul(x, normal4(x, bell4(x)));
}

@inline export function geluErfSlope4(x: v128): v128 {
  const bell = bell4(x);
  return madd(f32x4.mul(x, v128.load(e, 112)), bell, normal4(x, bell));
}
