// asc: --enable simd --enable relaxed-simd --enable threads --enable bulk-memory --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --uncheckedBehavior always
// Matrix product C = op(A) op(B) (+ C, or + a bias for each column) in single precision, blocked as by Goto and van de
// Geijn (2008): B is packed into panels 16 columns wide, A is read as it lies or, transposed, packed into panels of 4
// rows, and a tile of 4 x 16 accumulates in registers by fused multiply-add: V8 joins its sixteen vectors into eight
// of 256 bits, as many chains as two multipliers of latency 4 keep busy, and no loop is unrolled, since that spills.
// Each element is summed in the order of k alone, in blocks of 256, so the result does not depend on how the caller
// splits rows and columns. Leading dimensions are in elements.

import { madd } from './vector/math';

const tileM: i32 = 4;
const tileN: i32 = 16;
const panelBytes: usize = 64; // one row of a panel of B
const blockK: i32 = 256;
const blockM: i32 = 96; // rows of A per packed block (transposed A)
const blockN: i32 = 512; // columns of B per packed block

/** Bytes of scratch that `gemm` needs: an edge tile, a block of A, a block of B. */
export function scratchBytes(): i32 {
  return 256 + (blockM * blockK + blockN * blockK) * 4;
}

/**
 * 4 rows of A times a panel of B. Elements of A lie `rowStep` bytes apart from row to row and `step` along k. With an
 * addend its rows, `addendStride` bytes apart, are added at the end.
 */
function tile(
  k: i32, a: usize, rowStep: usize, step: usize, b: usize, c: usize, ldc: usize, addend: usize, addendStride: usize,
): void {
  let a0 = a, a1 = a0 + rowStep, a2 = a1 + rowStep, a3 = a2 + rowStep;
  let x = f32x4.splat(0), b0 = x, b1 = x, b2 = x, b3 = x;
  let c00 = x, c01 = x, c02 = x, c03 = x, c10 = x, c11 = x, c12 = x, c13 = x;
  let c20 = x, c21 = x, c22 = x, c23 = x, c30 = x, c31 = x, c32 = x, c33 = x;
  for (let n = k; n > 0; n--) {
    b0 = v128.load(b); b1 = v128.load(b, 16); b2 = v128.load(b, 32); b3 = v128.load(b, 48);
    x = v128.load32_splat(a0); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); c02 = madd(x, b2, c02); c03 = madd(x, b3, c03);
    x = v128.load32_splat(a1); c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); c12 = madd(x, b2, c12); c13 = madd(x, b3, c13);
    x = v128.load32_splat(a2); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); c22 = madd(x, b2, c22); c23 = madd(x, b3, c23);
    x = v128.load32_splat(a3); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); c32 = madd(x, b2, c32); c33 = madd(x, b3, c33);
    a0 += step; a1 += step; a2 += step; a3 += step;
    b += panelBytes;
  }
  if (addend != 0) {
    c00 = f32x4.add(c00, v128.load(addend)); c01 = f32x4.add(c01, v128.load(addend, 16));
    c02 = f32x4.add(c02, v128.load(addend, 32)); c03 = f32x4.add(c03, v128.load(addend, 48)); addend += addendStride;
    c10 = f32x4.add(c10, v128.load(addend)); c11 = f32x4.add(c11, v128.load(addend, 16));
    c12 = f32x4.add(c12, v128.load(addend, 32)); c13 = f32x4.add(c13, v128.load(addend, 48)); addend += addendStride;
    c20 = f32x4.add(c20, v128.load(addend)); c21 = f32x4.add(c21, v128.load(addend, 16));
    c22 = f32x4.add(c22, v128.load(addend, 32)); c23 = f32x4.add(c23, v128.load(addend, 48)); addend += addendStride;
    c30 = f32x4.add(c30, v128.load(addend)); c31 = f32x4.add(c31, v128.load(addend, 16));
    c32 = f32x4.add(c32, v128.load(addend, 32)); c33 = f32x4.add(c33, v128.load(addend, 48));
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
}

/** One row of A times a panel of B, to 16 floats at `c`: for the rows that are left over. */
function tileOfOneRow(k: i32, a: usize, step: usize, b: usize, c: usize): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
  for (let n = k; n > 0; n--) {
    const x = v128.load32_splat(a);
    c0 = madd(x, v128.load(b), c0); c1 = madd(x, v128.load(b, 16), c1);
    c2 = madd(x, v128.load(b, 32), c2); c3 = madd(x, v128.load(b, 48), c3);
    a += step;
    b += panelBytes;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
}

/** Packs A[k0.., m0..] stored transposed ([K, M]) into panels of 4 rows. */
function packTransposedA(a: usize, lda: usize, rows: i32, k: i32, to: usize): void {
  for (let i = 0; i < rows; i += tileM) {
    let from = a + (<usize>i << 2);
    for (let p = 0; p < k; p++) {
      // Lanes beyond the last row hold what lies there; they are never used.
      v128.store(to, v128.load(from));
      from += lda;
      to += 16;
    }
  }
}

/** Packs B[k, columns] into panels of 16 columns, zeros beyond the last. */
function packB(b: usize, ldb: usize, k: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += tileN) {
    let from = b + (<usize>j << 2);
    const width = min(tileN, columns - j);
    for (let p = 0; p < k; p++) {
      if (width == tileN) {
        v128.store(to, v128.load(from)); v128.store(to, v128.load(from, 16), 16);
        v128.store(to, v128.load(from, 32), 32); v128.store(to, v128.load(from, 48), 48);
      } else {
        for (let q = 0; q < tileN; q++)
          store<f32>(to + (<usize>q << 2), q < width ? load<f32>(from + (<usize>q << 2)) : 0);
      }
      from += ldb;
      to += panelBytes;
    }
  }
}

/** Packs B stored transposed ([N, K]) into panels of 16 columns, by 4 x 4 transpositions. */
function packTransposedB(b: usize, ldb: usize, k: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += tileN) {
    const width = min(tileN, columns - j);
    const panel = b + <usize>j * ldb;
    let p = 0;
    if (width == tileN) {
      for (; p + 4 <= k; p += 4) {
        const from = panel + (<usize>p << 2);
        transpose4(from, ldb, to);
        transpose4(from + 4 * ldb, ldb, to + 16);
        transpose4(from + 8 * ldb, ldb, to + 32);
        transpose4(from + 12 * ldb, ldb, to + 48);
        to += 4 * panelBytes;
      }
    }
    for (; p < k; p++) {
      for (let q = 0; q < tileN; q++)
        store<f32>(to + (<usize>q << 2), q < width ? load<f32>(panel + <usize>q * ldb + (<usize>p << 2)) : 0);
      to += panelBytes;
    }
  }
}

@inline
function transpose4(from: usize, stride: usize, to: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + stride);
  const r2 = v128.load(from + 2 * stride), r3 = v128.load(from + 3 * stride);
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5), t1 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const t2 = i32x4.shuffle(r0, r1, 2, 6, 3, 7), t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(t0, t1, 0, 2));
  v128.store(to, i64x2.shuffle(t0, t1, 1, 3), panelBytes);
  v128.store(to, i64x2.shuffle(t2, t3, 0, 2), 2 * panelBytes);
  v128.store(to, i64x2.shuffle(t2, t3, 1, 3), 3 * panelBytes);
}

/** One row block times one packed block of B. `addend` 0: store; else its rows are added (stride 0: a bias). */
function multiplyBlock(
  rows: i32, columns: i32, k: i32, a: usize, lda: usize, packed: bool, panels: usize,
  c: usize, ldc: usize, addend: usize, addendStride: usize, edge: usize,
): void {
  const rowStep: usize = packed ? 4 : lda, step: usize = packed ? 16 : 4;
  for (let j = 0; j < columns; j += tileN) {
    const b = panels + (<usize>(j * k) << 2);
    const width = min(tileN, columns - j);
    for (let i = 0; i < rows; i += tileM) {
      const height = min(tileM, rows - i);
      const from = packed ? a + (<usize>(i * k) << 2) : a + <usize>i * lda;
      const at = c + <usize>i * ldc + (<usize>j << 2);
      const add = addend == 0 ? 0 : addend + <usize>i * addendStride + (<usize>j << 2);
      if (width == tileN && height == tileM) {
        tile(k, from, rowStep, step, b, at, ldc, add, addendStride);
        continue;
      }
      if (height == tileM) tile(k, from, rowStep, step, b, edge, panelBytes, 0, 0);
      else for (let r = 0; r < height; r++)
        tileOfOneRow(k, from + <usize>r * rowStep, step, b, edge + <usize>r * panelBytes);
      copyEdge(height, width, edge, at, ldc, add, addendStride);
    }
  }
}

function copyEdge(
  height: i32, width: i32, edge: usize, c: usize, ldc: usize, addend: usize, addendStride: usize,
): void {
  for (let r = 0; r < height; r++) {
    for (let q = 0; q < width; q++) {
      const at = <usize>q << 2;
      let value = load<f32>(edge + at);
      if (addend != 0) value += load<f32>(addend + at);
      store<f32>(c + at, value);
    }
    edge += panelBytes;
    c += ldc;
    addend += addendStride;
  }
}

/**
 * C[m, n] = op(A)[m, k] op(B)[k, n] + addend. A transposed is stored [k, m], B transposed [n, k].
 * mode 0: C = product; 1: C += product; 2: C = product + bias[n].
 */
export function gemm(
  m: i32, n: i32, k: i32, a: usize, lda: i32, transposeA: bool, b: usize, ldb: i32, transposeB: bool,
  c: usize, ldc: i32, mode: i32, bias: usize, scratch: usize,
): void {
  const strideA = <usize>lda << 2, strideB = <usize>ldb << 2, strideC = <usize>ldc << 2;
  const packedA = scratch + 256;
  const panels = packedA + <usize>(blockM * blockK) * 4;
  for (let n0 = 0; n0 < n; n0 += blockN) {
    const columns = min(blockN, n - n0);
    for (let k0 = 0; k0 < k; k0 += blockK) {
      const depth = min(blockK, k - k0);
      if (transposeB) packTransposedB(b + <usize>n0 * strideB + (<usize>k0 << 2), strideB, depth, columns, panels);
      else packB(b + <usize>k0 * strideB + (<usize>n0 << 2), strideB, depth, columns, panels);
      const adds = k0 > 0 || mode == 1;
      for (let m0 = 0; m0 < m; m0 += blockM) {
        const rows = min(blockM, m - m0);
        const at = c + <usize>m0 * strideC + (<usize>n0 << 2);
        const addend = adds ? at : mode == 2 ? bias + (<usize>n0 << 2) : 0;
        const addendStride = adds ? strideC : 0;
        let block = a + <usize>m0 * strideA + (<usize>k0 << 2);
        if (transposeA) {
          packTransposedA(a + <usize>k0 * strideA + (<usize>m0 << 2), strideA, rows, depth, packedA);
          block = packedA;
        }
        multiplyBlock(rows, columns, depth, block, strideA, transposeA, panels, at, strideC, addend, addendStride, scratch);
      }
    }
  }
}
