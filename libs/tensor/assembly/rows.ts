// asc: --enable simd --enable relaxed-simd --enable threads --enable bulk-memory --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --uncheckedBehavior always --memoryBase 16384
// Kernels over rows of a matrix: normalisation, softmax with its losses, sums over rows, table look-ups.
// Rows are dense; widths need not be multiples of four. Sums run in a fixed order, so results repeat bit by bit.

import { exp1, exp4, madd, one, sigmoid4, sum4 } from './vector/math';

export function layerNorm(
  rows: i32, width: i32, x: usize, scale: usize, shift: usize, y: usize, means: usize, rstds: usize, epsilon: f32,
): void {
  const body = width & ~3;
  for (let row = 0; row < rows; row++) {
    let total4 = f32x4.splat(0), i = 0;
    for (; i < body; i += 4) total4 = f32x4.add(total4, v128.load(x + (<usize>i << 2)));
    let total = sum4(total4);
    for (; i < width; i++) total += load<f32>(x + (<usize>i << 2));
    const mean = total / <f32>width;
    const mean4 = f32x4.splat(mean);
    let square4 = f32x4.splat(0);
    for (i = 0; i < body; i += 4) {
      const d = f32x4.sub(v128.load(x + (<usize>i << 2)), mean4);
      square4 = madd(d, d, square4);
    }
    let square = sum4(square4);
    for (; i < width; i++) {
      const d = load<f32>(x + (<usize>i << 2)) - mean;
      square += d * d;
    }
    const rstd: f32 = 1 / sqrt<f32>(square / <f32>width + epsilon);
    const rstd4 = f32x4.splat(rstd);
    for (i = 0; i < body; i += 4) {
      const at = <usize>i << 2;
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean4), rstd4);
      v128.store(y + at, madd(normal, v128.load(scale + at), v128.load(shift + at)));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      store<f32>(y + at, (load<f32>(x + at) - mean) * rstd * load<f32>(scale + at) + load<f32>(shift + at));
    }
    store<f32>(means, mean);
    store<f32>(rstds, rstd);
    x += <usize>width << 2; y += <usize>width << 2; means += 4; rstds += 4;
  }
}

/** Adds nothing to what was there: dScale and dShift are set. dx must not overlap dScale or dShift. */
export function layerNormBackward(
  rows: i32, width: i32, g: usize, x: usize, scale: usize, means: usize, rstds: usize,
  dx: usize, dScale: usize, dShift: usize,
): void {
  const body = width & ~3;
  memory.fill(dScale, 0, <usize>width << 2);
  memory.fill(dShift, 0, <usize>width << 2);
  for (let row = 0; row < rows; row++) {
    const mean = load<f32>(means), rstd = load<f32>(rstds);
    const mean4 = f32x4.splat(mean), rstd4 = f32x4.splat(rstd);
    let scaled4 = f32x4.splat(0), product4 = scaled4, i = 0;
    for (; i < body; i += 4) {
      const at = <usize>i << 2;
      const gradient = v128.load(g + at);
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean4), rstd4);
      const s = f32x4.mul(gradient, v128.load(scale + at));
      scaled4 = f32x4.add(scaled4, s);
      product4 = madd(s, normal, product4);
      v128.store(dScale + at, madd(gradient, normal, v128.load(dScale + at)));
      v128.store(dShift + at, f32x4.add(gradient, v128.load(dShift + at)));
    }
    let scaled = sum4(scaled4), product = sum4(product4);
    for (; i < width; i++) {
      const at = <usize>i << 2;
      const gradient = load<f32>(g + at), normal = (load<f32>(x + at) - mean) * rstd;
      scaled += gradient * load<f32>(scale + at);
      product += gradient * load<f32>(scale + at) * normal;
      store<f32>(dScale + at, load<f32>(dScale + at) + gradient * normal);
      store<f32>(dShift + at, load<f32>(dShift + at) + gradient);
    }
    scaled /= <f32>width;
    product /= <f32>width;
    const a4 = f32x4.splat(scaled), b4 = f32x4.splat(product);
    for (i = 0; i < body; i += 4) {
      const at = <usize>i << 2;
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean4), rstd4);
      const s = f32x4.mul(v128.load(g + at), v128.load(scale + at));
      v128.store(dx + at, f32x4.mul(f32x4.sub(f32x4.sub(s, a4), f32x4.mul(normal, b4)), rstd4));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      const normal = (load<f32>(x + at) - mean) * rstd;
      store<f32>(dx + at, (load<f32>(g + at) * load<f32>(scale + at) - scaled - normal * product) * rstd);
    }
    g += <usize>width << 2; x += <usize>width << 2; dx += <usize>width << 2; means += 4; rstds += 4;
  }
}

export function rmsNorm(rows: i32, width: i32, x: usize, scale: usize, y: usize, rstds: usize, epsilon: f32): void {
  const body = width & ~3;
  for (let row = 0; row < rows; row++) {
    let square4 = f32x4.splat(0), i = 0;
    for (; i < body; i += 4) {
      const value = v128.load(x + (<usize>i << 2));
      square4 = madd(value, value, square4);
    }
    let square = sum4(square4);
    for (; i < width; i++) square += load<f32>(x + (<usize>i << 2)) * load<f32>(x + (<usize>i << 2));
    const rstd: f32 = 1 / sqrt<f32>(square / <f32>width + epsilon), rstd4 = f32x4.splat(rstd);
    for (i = 0; i < body; i += 4) {
      const at = <usize>i << 2;
      v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), rstd4), v128.load(scale + at)));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      store<f32>(y + at, load<f32>(x + at) * rstd * load<f32>(scale + at));
    }
    store<f32>(rstds, rstd);
    x += <usize>width << 2; y += <usize>width << 2; rstds += 4;
  }
}

/** dScale is set, not added to. */
export function rmsNormBackward(
  rows: i32, width: i32, g: usize, x: usize, scale: usize, rstds: usize, dx: usize, dScale: usize,
): void {
  const body = width & ~3;
  memory.fill(dScale, 0, <usize>width << 2);
  for (let row = 0; row < rows; row++) {
    const rstd = load<f32>(rstds), rstd4 = f32x4.splat(rstd);
    let product4 = f32x4.splat(0), i = 0;
    for (; i < body; i += 4) {
      const at = <usize>i << 2;
      const gradient = v128.load(g + at), normal = f32x4.mul(v128.load(x + at), rstd4);
      product4 = madd(f32x4.mul(gradient, v128.load(scale + at)), normal, product4);
      v128.store(dScale + at, madd(gradient, normal, v128.load(dScale + at)));
    }
    let product = sum4(product4);
    for (; i < width; i++) {
      const at = <usize>i << 2;
      const gradient = load<f32>(g + at), normal = load<f32>(x + at) * rstd;
      product += gradient * load<f32>(scale + at) * normal;
      store<f32>(dScale + at, load<f32>(dScale + at) + gradient * normal);
    }
    product /= <f32>width;
    const product4s = f32x4.splat(product);
    for (i = 0; i < body; i += 4) {
      const at = <usize>i << 2;
      const normal = f32x4.mul(v128.load(x + at), rstd4), s = f32x4.mul(v128.load(g + at), v128.load(scale + at));
      v128.store(dx + at, f32x4.mul(f32x4.sub(s, f32x4.mul(normal, product4s)), rstd4));
    }
    for (; i < width; i++) {
      const at = <usize>i << 2;
      const normal = load<f32>(x + at) * rstd;
      store<f32>(dx + at, (load<f32>(g + at) * load<f32>(scale + at) - normal * product) * rstd);
    }
    g += <usize>width << 2; x += <usize>width << 2; dx += <usize>width << 2; rstds += 4;
  }
}

/**
 * Turns the first 2 · half of `width` coordinates of each head of one position by the angles whose cosines and sines are
 * given [half]: coordinate i with i + half, or where `interleaved` 2i with 2i + 1. out may be x.
 */
export function rotateHeads(
  heads: i32, width: i32, half: i32, x: usize, cos: usize, sin: usize, out: usize, interleaved: bool,
): void {
  const apart = <usize>half << 2, whole = <usize>width << 2, body = half & ~3;
  for (let head = 0; head < heads; head++, x += whole, out += whole) {
    let i = 0;
    if (!interleaved) {
      for (; i < body; i += 4) {
        const at = <usize>i << 2;
        const first = v128.load(x + at), second = v128.load(x + at + apart);
        const c = v128.load(cos + at), s = v128.load(sin + at);
        v128.store(out + at, f32x4.sub(f32x4.mul(first, c), f32x4.mul(second, s)));
        v128.store(out + at + apart, f32x4.add(f32x4.mul(second, c), f32x4.mul(first, s)));
      }
    }
    for (; i < half; i++) {
      const at = interleaved ? <usize>i << 3 : <usize>i << 2, to = at + (interleaved ? 4 : apart);
      const first = load<f32>(x + at), second = load<f32>(x + to);
      const c = load<f32>(cos + (<usize>i << 2)), s = load<f32>(sin + (<usize>i << 2));
      store<f32>(out + at, first * c - second * s);
      store<f32>(out + to, second * c + first * s);
    }
    if (out != x && 2 * half < width) memory.copy(out + 2 * apart, x + 2 * apart, whole - 2 * apart);
  }
}

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

/** out[width] = Σ over rows of x, `stride` elements apart. */
export function sumRows(rows: i32, width: i32, stride: i32, x: usize, out: usize): void {
  memory.copy(out, x, <usize>width << 2);
  const body = width & ~3;
  for (let row = 1; row < rows; row++) {
    x += <usize>stride << 2;
    let i = 0;
    for (; i < body; i += 4) {
      const at = out + (<usize>i << 2);
      v128.store(at, f32x4.add(v128.load(at), v128.load(x + (<usize>i << 2))));
    }
    for (; i < width; i++) {
      const at = out + (<usize>i << 2);
      store<f32>(at, load<f32>(at) + load<f32>(x + (<usize>i << 2)));
    }
  }
}

/** out[row] = Σ of the row. */
export function sumColumns(rows: i32, width: i32, x: usize, out: usize): void {
  const body = width & ~3;
  for (let row = 0; row < rows; row++) {
    let total4 = f32x4.splat(0), i = 0;
    for (; i < body; i += 4) total4 = f32x4.add(total4, v128.load(x + (<usize>i << 2)));
    let total = sum4(total4);
    for (; i < width; i++) total += load<f32>(x + (<usize>i << 2));
    store<f32>(out, total);
    x += <usize>width << 2;
    out += 4;
  }
}

/** out[i] = table[indices[i]]; zeros for an index outside the table. */
export function gather(count: i32, width: i32, vocabSize: i32, table: usize, indices: usize, out: usize): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < count; i++, out += bytes) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (<u32>index < <u32>vocabSize) memory.copy(out, table + <usize>index * bytes, bytes);
    else memory.fill(out, 0, bytes);
  }
}

/** table[indices[i]] += rows[i], in the order of i, for columns [from, to); rows with an index outside are left out. */
export function scatterAdd(
  count: i32, width: i32, vocabSize: i32, table: usize, indices: usize, rows: usize, from: i32, to: i32,
): void {
  const body = from + (to - from & ~3);
  for (let n = 0; n < count; n++) {
    const index = load<i32>(indices + (<usize>n << 2));
    if (<u32>index < <u32>vocabSize) {
      const target = table + (<usize>index * <usize>width << 2);
      let i = from;
      for (; i < body; i += 4) {
        const at = target + (<usize>i << 2);
        v128.store(at, f32x4.add(v128.load(at), v128.load(rows + (<usize>i << 2))));
      }
      for (; i < to; i++) {
        const at = target + (<usize>i << 2);
        store<f32>(at, load<f32>(at) + load<f32>(rows + (<usize>i << 2)));
      }
    }
    rows += <usize>width << 2;
  }
}
