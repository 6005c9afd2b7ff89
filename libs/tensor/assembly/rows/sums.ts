// Sums over rows and columns, and look-ups in tables.

import { sum4 } from '../vector/math';

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
