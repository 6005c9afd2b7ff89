// asc: --enable simd --enable relaxed-simd --enable threads --enable bulk-memory --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --uncheckedBehavior always --memoryBase 32768
// What attention does to a block of scores between its matrix products: masks, softmax, and their gradient from the
// log-sum-exp of each row. A row sees the keys from `low` to `high`; what it does not see has weight exactly 0, and a
// row that sees nothing has zeros only and a log-sum-exp of −∞.

import { exp1, exp4, madd, sum4 } from './vector/math';

@inline function clamp(x: i32, top: i32): i32 {
  return max(0, min(x, top));
}

@inline function firstUnseen(position: i32, causal: bool, window: i32, prefix: i32, width: i32): i32 {
  return causal ? clamp(max(position + 1, prefix), width) : window > 0 ? clamp(position + window, width) : width;
}

/** Scores of keys of another segment become −∞. */
function maskSegments(x: usize, low: i32, high: i32, segment: i32, segments: usize): void {
  for (let i = low; i < high; i++)
    if (load<i32>(segments + (<usize>i << 2)) != segment) store<f32>(x + (<usize>i << 2), -Infinity);
}

/** x = scale · x + bias (0: none) for keys [low, high). */
function scaleRow(x: usize, low: i32, high: i32, scale: f32, bias: usize): void {
  const scale4 = f32x4.splat(scale);
  let i = low;
  if (bias == 0) {
    for (; i + 4 <= high; i += 4) {
      const at = x + (<usize>i << 2);
      v128.store(at, f32x4.mul(v128.load(at), scale4));
    }
    for (; i < high; i++) store<f32>(x + (<usize>i << 2), load<f32>(x + (<usize>i << 2)) * scale);
    return;
  }
  for (; i + 4 <= high; i += 4) {
    const at = x + (<usize>i << 2);
    v128.store(at, madd(v128.load(at), scale4, v128.load(bias + (<usize>i << 2))));
  }
  for (; i < high; i++) {
    const at = x + (<usize>i << 2);
    store<f32>(at, f32x4.extract_lane(madd(v128.load32_splat(at), scale4, v128.load32_splat(bias + (<usize>i << 2))), 0));
  }
}

/** x += slope · (key − position) for keys [low, high). */
function inclineRow(x: usize, low: i32, high: i32, position: i32, slope: f32): void {
  const slope4 = f32x4.splat(slope), step = f32x4.splat(4);
  let distance = f32x4.add(f32x4.splat(<f32>(low - position)), f32x4(0, 1, 2, 3)), i = low;
  for (; i + 4 <= high; i += 4) {
    const at = x + (<usize>i << 2);
    v128.store(at, madd(distance, slope4, v128.load(at)));
    distance = f32x4.add(distance, step);
  }
  for (; i < high; i++) {
    const at = x + (<usize>i << 2);
    store<f32>(at, load<f32>(at) + slope * <f32>(i - position));
  }
}

/**
 * Rows of scores q·k [rows, width], `stride` elements apart, become probabilities in place; `sums` gets each row's
 * log-sum-exp. Row r stands at `position` + r and sees keys that are not later (causal), nearer than `window` (0: all)
 * and of its own segment (segmentQ 0: all); the first `prefix` keys are seen though they are later. `bias`
 * [rows, strideBias] and slope · (key − position) are added to scaled scores.
 */
export function attentionRows(
  rows: i32, width: i32, stride: i32, x: usize, scale: f32, position: i32, causal: bool, window: i32,
  prefix: i32, slope: f32, bias: usize, strideBias: i32, segmentQ: usize, segmentK: usize, sums: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const high = firstUnseen(position + row, causal, window, prefix, width);
    const low = window > 0 ? clamp(position + row + 1 - window, high) : 0;
    scaleRow(x, low, high, scale, bias);
    if (slope != 0) inclineRow(x, low, high, position + row, slope);
    if (segmentQ != 0) maskSegments(x, low, high, load<i32>(segmentQ + (<usize>row << 2)), segmentK);
    store<f32>(sums + (<usize>row << 2), softmaxRow(x, low, high));
    if (low > 0) memory.fill(x, 0, <usize>low << 2);
    if (high < width) memory.fill(x + (<usize>high << 2), 0, <usize>(width - high) << 2);
    x += <usize>stride << 2;
    if (bias != 0) bias += <usize>strideBias << 2;
  }
}

function softmaxRow(x: usize, low: i32, high: i32): f32 {
  const body = low + (high - low & ~7);
  let a4 = f32x4.splat(-Infinity), b4 = a4, i = low;
  for (; i < body; i += 8) {
    a4 = f32x4.pmax(a4, v128.load(x + (<usize>i << 2)));
    b4 = f32x4.pmax(b4, v128.load(x + (<usize>i << 2), 16));
  }
  a4 = f32x4.pmax(a4, b4);
  let top = max(
    max(f32x4.extract_lane(a4, 0), f32x4.extract_lane(a4, 1)),
    max(f32x4.extract_lane(a4, 2), f32x4.extract_lane(a4, 3)),
  );
  for (; i < high; i++) top = max(top, load<f32>(x + (<usize>i << 2)));
  if (top == -Infinity) {
    memory.fill(x + (<usize>low << 2), 0, <usize>(high - low) << 2);
    return -Infinity;
  }
  const top4 = f32x4.splat(top);
  a4 = f32x4.splat(0); b4 = a4;
  for (i = low; i < body; i += 8) {
    const at = x + (<usize>i << 2);
    const e = exp4(f32x4.sub(v128.load(at), top4)), f = exp4(f32x4.sub(v128.load(at, 16), top4));
    v128.store(at, e); v128.store(at, f, 16);
    a4 = f32x4.add(a4, e); b4 = f32x4.add(b4, f);
  }
  let total = sum4(f32x4.add(a4, b4));
  for (; i < high; i++) {
    const at = x + (<usize>i << 2);
    const e = exp1(load<f32>(at) - top);
    store<f32>(at, e);
    total += e;
  }
  const inverse: f32 = 1 / total, inverse4 = f32x4.splat(inverse);
  for (i = low; i < body; i += 8) {
    const at = x + (<usize>i << 2);
    v128.store(at, f32x4.mul(v128.load(at), inverse4));
    v128.store(at, f32x4.mul(v128.load(at, 16), inverse4), 16);
  }
  for (; i < high; i++) store<f32>(x + (<usize>i << 2), load<f32>(x + (<usize>i << 2)) * inverse);
  return top + <f32>Math.log(<f64>total);
}

/**
 * From scores q·k and dP = dy·v, both [rows, width] with `stride`: the probabilities P in place of the scores (masked
 * as by `attentionRows`) and factor · dS = factor · P (dP − centre) in place of dP. centres [rows] is Σ dy·y.
 */
export function attentionRowsBackward(
  rows: i32, width: i32, stride: i32, x: usize, dp: usize, scale: f32, position: i32, causal: bool, window: i32,
  prefix: i32, slope: f32, bias: usize, strideBias: i32, segmentQ: usize, segmentK: usize, sums: usize, centres: usize,
  factor: f32,
): void {
  for (let row = 0; row < rows; row++) {
    const at = <usize>row << 2;
    const sum = load<f32>(sums + at);
    let high = firstUnseen(position + row, causal, window, prefix, width);
    const low = window > 0 ? clamp(position + row + 1 - window, high) : 0;
    if (sum == -Infinity) high = low;
    scaleRow(x, low, high, scale, bias);
    if (slope != 0) inclineRow(x, low, high, position + row, slope);
    if (segmentQ != 0) maskSegments(x, low, high, load<i32>(segmentQ + at), segmentK);
    backwardRow(x, dp, low, high, sum, load<f32>(centres + at), factor);
    if (low > 0) {
      memory.fill(x, 0, <usize>low << 2);
      memory.fill(dp, 0, <usize>low << 2);
    }
    if (high < width) {
      memory.fill(x + (<usize>high << 2), 0, <usize>(width - high) << 2);
      memory.fill(dp + (<usize>high << 2), 0, <usize>(width - high) << 2);
    }
    x += <usize>stride << 2;
    dp += <usize>stride << 2;
    if (bias != 0) bias += <usize>strideBias << 2;
  }
}

function backwardRow(x: usize, dp: usize, low: i32, high: i32, sum: f32, centre: f32, factor: f32): void {
  const body = low + (high - low & ~7);
  const sum4s = f32x4.splat(sum), centre4 = f32x4.splat(centre), factor4 = f32x4.splat(factor);
  let i = low;
  for (; i < body; i += 8) {
    const at = x + (<usize>i << 2), to = dp + (<usize>i << 2);
    const p = exp4(f32x4.sub(v128.load(at), sum4s)), q = exp4(f32x4.sub(v128.load(at, 16), sum4s));
    v128.store(at, p); v128.store(at, q, 16);
    v128.store(to, f32x4.mul(f32x4.mul(p, factor4), f32x4.sub(v128.load(to), centre4)));
    v128.store(to, f32x4.mul(f32x4.mul(q, factor4), f32x4.sub(v128.load(to, 16), centre4)), 16);
  }
  for (; i < high; i++) {
    const at = x + (<usize>i << 2), to = dp + (<usize>i << 2);
    const p = exp1(load<f32>(at) - sum);
    store<f32>(at, p);
    store<f32>(to, p * factor * (load<f32>(to) - centre));
  }
}

/** out += factor · x over rows of `width` elements, `strideX` and `stride` apart. */
export function addScaledRows(
  rows: i32, width: i32, strideX: i32, x: usize, factor: f32, stride: i32, out: usize,
): void {
  const body = width & ~3, factor4 = f32x4.splat(factor);
  for (let row = 0; row < rows; row++) {
    let i = 0;
    for (; i < body; i += 4) {
      const to = out + (<usize>i << 2);
      v128.store(to, madd(v128.load(x + (<usize>i << 2)), factor4, v128.load(to)));
    }
    for (; i < width; i++) {
      const to = out + (<usize>i << 2);
      store<f32>(to, load<f32>(to) + load<f32>(x + (<usize>i << 2)) * factor);
    }
    x += <usize>strideX << 2;
    out += <usize>stride << 2;
  }
}

export function zeroRows(rows: i32, width: i32, stride: i32, x: usize): void {
  for (let row = 0; row < rows; row++, x += <usize>stride << 2) memory.fill(x, 0, <usize>width << 2);
}

/** out[row] = Σ x · y over rows of `width` elements, `strideX` and `strideY` apart. */
export function dotRows(rows: i32, width: i32, strideX: i32, strideY: i32, x: usize, y: usize, out: usize): void {
  const body = width & ~3;
  for (let row = 0; row < rows; row++) {
    let total4 = f32x4.splat(0), i = 0;
    for (; i < body; i += 4) total4 = madd(v128.load(x + (<usize>i << 2)), v128.load(y + (<usize>i << 2)), total4);
    let total = sum4(total4);
    for (; i < width; i++) total += load<f32>(x + (<usize>i << 2)) * load<f32>(y + (<usize>i << 2));
    store<f32>(out, total);
    x += <usize>strideX << 2;
    y += <usize>strideY << 2;
    out += 4;
  }
}

/**
 * Dropout of weights [rows, width], `stride` elements apart: row r begins at element `first` + r · `step` of the bits
 * (philox.ts). Those whose bits lie below `threshold` become 0, the others are scaled.
 */
export function dropRows(
  rows: i32, width: i32, stride: i32, x: usize, counter: usize, stream: u32, threshold: u32, scale: f32,
  first: u32, step: u32,
): void {
  for (let row = 0; row < rows; row++) {
    dropRow(width, x, counter, stream, threshold, scale, first);
    first += step;
    x += <usize>stride << 2;
  }
}

function dropRow(width: i32, x: usize, counter: usize, stream: u32, threshold: u32, scale: f32, at: u32): void {
  const seed = load<u32>(counter), step = load<u32>(counter, 4), lane = load<u32>(counter, 8);
  for (let i = 0; i < width; ) {
    let c0 = at >> 2, c1 = step, c2 = lane, c3: u32 = 0, k0 = seed, k1 = stream;
    for (let round = 0; round < 10; round++) {
      const p0 = <u64>0xd2511f53 * <u64>c0, p1 = <u64>0xcd9e8d57 * <u64>c2;
      c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
      c1 = <u32>p1;
      c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
      c3 = <u32>p0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    for (let q = at & 3; q < 4 && i < width; q++, i++, at++) {
      const bits = q == 0 ? c0 : q == 1 ? c1 : q == 2 ? c2 : c3;
      const to = x + (<usize>i << 2);
      store<f32>(to, bits < threshold ? 0 : load<f32>(to) * scale);
    }
  }
}
