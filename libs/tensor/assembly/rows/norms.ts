// Normalisation of rows, forwards and backwards.

import { madd, sum4 } from '../vector/math';

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
