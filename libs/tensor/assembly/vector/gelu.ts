// GELU in the tanh form: x/2 (1 + tanh u) = x σ(2u), u = √(2/π) (x + 0.044715 x³).
import { exp4, madd } from './math';

const twoSlope: f32 = 1.5957691216057308;
const twoSlopeCubic: f32 = 0.071354816272600252;

@inline function sigmoid2u(x: v128): v128 {
  const w = f32x4.mul(x, madd(f32x4.mul(x, x), f32x4.splat(-twoSlopeCubic), f32x4.splat(-twoSlope)));
  return f32x4.div(f32x4.splat(1), f32x4.add(exp4(w), f32x4.splat(1)));
}

@inline export function gelu4(x: v128): v128 {
  return f32x4.mul(x, sigmoid2u(x));
}

// d/dx x σ(w) = σ + x σ (1 − σ) w', w' = 2√(2/π) (1 + 3 · 0.044715 x²).
@inline export function geluSlope4(x: v128): v128 {
  const s = sigmoid2u(x);
  const slope = madd(f32x4.mul(x, x), f32x4.splat(3 * twoSlopeCubic), f32x4.splat(twoSlope));
  return madd(f32x4.mul(f32x4.mul(x, slope), s), f32x4.sub(f32x4.splat(1), s), s);
}
