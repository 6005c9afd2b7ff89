// GELU in the tanh form: x/2 (1 + tanh u) = x σ(2u), u = √(2/π) (x + 0.044715 x³).
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
