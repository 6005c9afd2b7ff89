// Softmax of rows, losses and their gradients, and logits within a cap.

import { exp1, exp4, one, sigmoid4, sum4 } from '../vector/math';

@inline function maximumOf(x: usize, width: i32): f32 {
  const body = width & ~7;
  let low4 = f32x4.splat(-Infinity), high4 = low4, i = 0;
  for (; i < body; i += 8) {
    low4 = f32x4.pmax(low4, v128.load(x + (<usize>i << 2)));
    high4 = f32x4.pmax(high4, v128.load(x + (<usize>i << 2), 16));
  }
  low4 = f32x4.pmax(low4, high4);
  let top = max(
    max(f32x4.extract_lane(low4, 0), f32x4.extract_lane(low4, 1)),
    max(f32x4.extract_lane(low4, 2), f32x4.extract_lane(low4, 3)),
  );
  for (; i < width; i++) top = max(top, load<f32>(x + (<usize>i << 2)));
  return top;
}

/** Softmax of scale · x[0..width) in place; what lies from width to `full` becomes 0. Gives log Σ e^(scale x). */
function softmaxRow(x: usize, width: i32, full: i32, scale: f32): f32 {
  const body = width & ~3;
  const top = maximumOf(x, width);
  const top4s = f32x4.splat(top), scale4 = f32x4.splat(scale);
  let total4 = f32x4.splat(0), i = 0;
  for (; i < body; i += 4) {
    const at = x + (<usize>i << 2);
    const e = exp4(f32x4.mul(f32x4.sub(v128.load(at), top4s), scale4));
    v128.store(at, e);
    total4 = f32x4.add(total4, e);
  }
  let total = sum4(total4);
  for (; i < width; i++) {
    const at = x + (<usize>i << 2);
    const e = exp1((load<f32>(at) - top) * scale);
    store<f32>(at, e);
    total += e;
  }
  const inverse: f32 = 1 / total;
  const inverse4 = f32x4.splat(inverse);
  for (i = 0; i < body; i += 4) {
    const at = x + (<usize>i << 2);
    v128.store(at, f32x4.mul(v128.load(at), inverse4));
  }
  for (; i < width; i++) store<f32>(x + (<usize>i << 2), load<f32>(x + (<usize>i << 2)) * inverse);
  if (full > width) memory.fill(x + (<usize>width << 2), 0, <usize>(full - width) << 2);
  return top * scale + <f32>Math.log(<f64>total);
}

/** Σ x over a row. */
@inline function totalOf(x: usize, width: i32): f32 {
  const body = width & ~7;
  let low4 = f32x4.splat(0), high4 = low4, i = 0;
  for (; i < body; i += 8) {
    const at = x + (<usize>i << 2);
    low4 = f32x4.add(low4, v128.load(at));
    high4 = f32x4.add(high4, v128.load(at, 16));
  }
  let total = sum4(f32x4.add(low4, high4));
  for (; i < width; i++) total += load<f32>(x + (<usize>i << 2));
  return total;
}

/** The logits' mean under what is wanted: the target's, but a share `smoothing` of it over all of the vocabulary. */
@inline function wantedLogit(logits: usize, width: i32, target: i32, smoothing: f32): f32 {
  if (<u32>target >= <u32>width) return 0;
  const logit = load<f32>(logits + (<usize>target << 2));
  return smoothing == 0 ? logit : (1 - smoothing) * logit + (smoothing / <f32>width) * totalOf(logits, width);
}

/** Turns logits into probabilities in place; losses −log p[target], 0 for a target outside the vocabulary. */
export function crossEntropy(
  rows: i32, width: i32, logits: usize, targets: usize, losses: usize, smoothing: f32,
): void {
  for (let row = 0; row < rows; row++) {
    const target = load<i32>(targets);
    const logit = wantedLogit(logits, width, target, smoothing);
    const logSumExp = softmaxRow(logits, width, width, 1);
    store<f32>(losses, <u32>target >= <u32>width ? 0 : logSumExp - logit);
    logits += <usize>width << 2; targets += 4; losses += 4;
  }
}

/** The same losses, with the log-sum-exp of each row in place of probabilities; logits are only read. */
export function crossEntropyLosses(
  rows: i32, width: i32, logits: usize, targets: usize, losses: usize, logSumExps: usize, smoothing: f32,
): void {
  const body = width & ~7;
  for (let row = 0; row < rows; row++) {
    const top = maximumOf(logits, width);
    const top4 = f32x4.splat(top);
    let low4 = f32x4.splat(0), high4 = low4, i = 0;
    for (; i < body; i += 8) {
      const at = logits + (<usize>i << 2);
      low4 = f32x4.add(low4, exp4(f32x4.sub(v128.load(at), top4)));
      high4 = f32x4.add(high4, exp4(f32x4.sub(v128.load(at, 16), top4)));
    }
    let total = sum4(f32x4.add(low4, high4));
    for (; i < width; i++) total += exp1(load<f32>(logits + (<usize>i << 2)) - top);
    const logSumExp = top + <f32>Math.log(<f64>total);
    const target = load<i32>(targets);
    store<f32>(logSumExps, logSumExp);
    store<f32>(losses, <u32>target >= <u32>width ? 0 : logSumExp - wantedLogit(logits, width, target, smoothing));
    logits += <usize>width << 2; targets += 4; losses += 4; logSumExps += 4;
  }
}

/** dLogits = (p − what is wanted) g, rows of zeros for a target outside. `out` may be `p`. */
export function crossEntropyBackward(
  rows: i32, width: i32, p: usize, targets: usize, g: usize, out: usize, smoothing: f32,
): void {
  const body = width & ~3;
  const share = smoothing / <f32>width, share4 = f32x4.splat(share);
  for (let row = 0; row < rows; row++) {
    const target = load<i32>(targets);
    const weight: f32 = <u32>target >= <u32>width ? 0 : load<f32>(g);
    const weight4 = f32x4.splat(weight);
    let i = 0;
    for (; i < body; i += 4) {
      const at = <usize>i << 2;
      v128.store(out + at, f32x4.mul(f32x4.sub(v128.load(p + at), share4), weight4));
    }
    for (; i < width; i++) store<f32>(out + (<usize>i << 2), (load<f32>(p + (<usize>i << 2)) - share) * weight);
    if (<u32>target < <u32>width) {
      const at = out + (<usize>target << 2);
      store<f32>(at, load<f32>(at) - (1 - smoothing) * weight);
    }
    p += <usize>width << 2; out += <usize>width << 2; targets += 4; g += 4;
  }
}

/**
 * The same in place of logits, whose probabilities are e^(logit − logSumExp of the row). Where logits were capped,
 * `inverseCap` is 1 / c, and the slope of the cap is a factor; else 0.
 */
export function crossEntropyBackwardLogits(
  rows: i32, width: i32, logits: usize, targets: usize, g: usize, logSumExps: usize, smoothing: f32, inverseCap: f32,
): void {
  const body = width & ~7;
  const share = smoothing / <f32>width, share4 = f32x4.splat(share), inverse4 = f32x4.splat(inverseCap);
  for (let row = 0; row < rows; row++) {
    const target = load<i32>(targets);
    const isTarget = <u32>target < <u32>width;
    const weight: f32 = isTarget ? load<f32>(g) : 0;
    const wanted: f32 = isTarget ? capSlope(load<f32>(logits + (<usize>target << 2)), inverseCap) : 0;
    const shift = load<f32>(logSumExps);
    const weight4 = f32x4.splat(weight), shift4 = f32x4.splat(shift);
    let i = 0;
    for (; i < body; i += 8) {
      const at = logits + (<usize>i << 2);
      const x = v128.load(at), y = v128.load(at, 16);
      const low = exp4(f32x4.sub(x, shift4)), high = exp4(f32x4.sub(y, shift4));
      v128.store(at, f32x4.mul(f32x4.sub(low, share4), f32x4.mul(weight4, capSlope4(x, inverse4))));
      v128.store(at, f32x4.mul(f32x4.sub(high, share4), f32x4.mul(weight4, capSlope4(y, inverse4))), 16);
    }
    for (; i < width; i++) {
      const at = logits + (<usize>i << 2), x = load<f32>(at);
      store<f32>(at, (exp1(x - shift) - share) * weight * capSlope(x, inverseCap));
    }
    if (isTarget) {
      const at = logits + (<usize>target << 2);
      store<f32>(at, load<f32>(at) - (1 - smoothing) * weight * wanted);
    }
    logits += <usize>width << 2; targets += 4; g += 4; logSumExps += 4;
  }
}

/** 1 − (y / c)², the slope of c · tanh(x / c) = y. */
@inline function capSlope(y: f32, inverse: f32): f32 {
  return 1 - y * inverse * (y * inverse);
}

@inline function capSlope4(y: v128, inverse: v128): v128 {
  const share = f32x4.mul(y, inverse);
  return f32x4.sub(one(), f32x4.mul(share, share));
}

/** x becomes c · tanh(x / c), as c (2 σ(2x / c) − 1), in place. */
export function softcap(n: i32, x: usize, cap: f32): void {
  const inner = f32x4.splat(2 / cap), outer = f32x4.splat(2 * cap), cap4 = f32x4.splat(cap);
  const end = x + (<usize>(n & ~3) << 2);
  for (; x < end; x += 16)
    v128.store(x, f32x4.sub(f32x4.mul(sigmoid4(f32x4.mul(v128.load(x), inner)), outer), cap4));
  for (let i = n & ~3; i < n; i++, x += 4) {
    const y = f32x4.mul(sigmoid4(f32x4.mul(v128.load32_splat(x), inner)), outer);
    store<f32>(x, f32x4.extract_lane(f32x4.sub(y, cap4), 0));
  }
}
