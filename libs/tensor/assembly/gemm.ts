// asc: --enable simd --enable relaxed-simd --enable threads --enable bulk-memory --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --uncheckedBehavior always --memoryBase 4096
// Matrix product C = op(A) op(B) (+ C, or + a bias for each column) in single precision, blocked as by Goto and van de
// Geijn (2008): B is packed into panels 16 columns wide, A is read as it lies or, transposed, packed into panels of 4
// rows, and a tile of 4 x 16 accumulates in registers by fused multiply-add: V8 joins its sixteen vectors into eight
// of 256 bits, as many chains as two multipliers of latency 4 keep busy, and no loop is unrolled, since that spills.
// Each element is summed in the order of k alone, in blocks of 256, so the result does not depend on how the caller
// splits rows and columns. Leading dimensions are in elements.

import { gelu4, geluSlope4 } from './vector/gelu';
import { madd, transpose4 } from './vector/math';

const tileM: i32 = 4;
const tileN: i32 = 16;
const panelBytes: usize = 64; // one row of a panel of B
const blockK: i32 = 256;
const blockM: i32 = 96; // rows of A per packed block (transposed A)
const blockN: i32 = 512; // columns of B per packed block
const rowSums: i32 = 4096; // columns of B taken at once for a single row of A

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

/** Packs A[k0.., m0..] stored transposed ([K, M]) into panels of 4 rows, where it can four panels at a time. */
function packTransposedA(a: usize, lda: usize, rows: i32, k: i32, to: usize): void {
  const panel = <usize>k << 4;
  let i = 0;
  for (; i + 4 * tileM <= rows; i += 4 * tileM) {
    let from = a + (<usize>i << 2);
    const t1 = to + panel, t2 = t1 + panel, t3 = t2 + panel, end = t1;
    for (let at: usize = 0; to + at < end; at += 16) {
      v128.store(to + at, v128.load(from));
      v128.store(t1 + at, v128.load(from, 16));
      v128.store(t2 + at, v128.load(from, 32));
      v128.store(t3 + at, v128.load(from, 48));
      from += lda;
    }
    to = t3 + panel;
  }
  for (; i < rows; i += tileM) {
    let from = a + (<usize>i << 2);
    for (let p = 0; p < k; p++) {
      // Lanes beyond the last row hold what lies there; they are never used.
      v128.store(to, v128.load(from));
      from += lda;
      to += 16;
    }
  }
}

@inline
function copyVectors4(from: usize, to: usize): void {
  v128.store(to, v128.load(from)); v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32); v128.store(to, v128.load(from, 48), 48);
}

/** Packs B[k, columns] into panels of 16 columns, zeros beyond the last; four whole panels at a time where it can. */
function packB(b: usize, ldb: usize, k: i32, columns: i32, to: usize): void {
  const panel = <usize>k * panelBytes;
  let j = 0;
  for (; j + 4 * tileN <= columns; j += 4 * tileN) {
    let from = b + (<usize>j << 2);
    const t1 = to + panel, t2 = t1 + panel, t3 = t2 + panel;
    for (let at: usize = 0; at < panel; at += panelBytes) {
      copyVectors4(from, to + at);
      copyVectors4(from + 64, t1 + at);
      copyVectors4(from + 128, t2 + at);
      copyVectors4(from + 192, t3 + at);
      from += ldb;
    }
    to = t3 + panel;
  }
  for (; j < columns; j += tileN) {
    let from = b + (<usize>j << 2);
    const width = min(tileN, columns - j);
    for (let p = 0; p < k; p++) {
      if (width == tileN) copyVectors4(from, to);
      else for (let q = 0; q < tileN; q++)
        store<f32>(to + (<usize>q << 2), q < width ? load<f32>(from + (<usize>q << 2)) : 0);
      from += ldb;
      to += panelBytes;
    }
  }
}

/** sums[columns] = Σ over k of packed panels, or += where `adds`. */
function sumPanels(k: i32, columns: i32, panels: usize, sums: usize, adds: bool, edge: usize): void {
  for (let j = 0; j < columns; j += tileN) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let p = 0; p < k; p++) {
      s0 = f32x4.add(s0, v128.load(panels)); s1 = f32x4.add(s1, v128.load(panels, 16));
      s2 = f32x4.add(s2, v128.load(panels, 32)); s3 = f32x4.add(s3, v128.load(panels, 48));
      panels += panelBytes;
    }
    v128.store(edge, s0); v128.store(edge, s1, 16); v128.store(edge, s2, 32); v128.store(edge, s3, 48);
    const at = sums + (<usize>j << 2);
    copyEdge(1, min(tileN, columns - j), edge, at, 0, adds ? at : 0, 0);
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
        for (let q: usize = 0; q < 4; q++) transpose4(from + 4 * q * ldb, ldb, to + 16 * q, panelBytes);
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

// What is done with a block of C once it is complete, while it lies in the cache.
const activate: i32 = 1; // extra = gelu(C)
const timesSlope: i32 = 2; // C = C · gelu'(extra)
const plusExtra: i32 = 3; // C = C + extra

@inline
function finish4(kind: i32, c: usize, extra: usize): void {
  if (kind == activate) v128.store(extra, gelu4(v128.load(c)));
  else if (kind == timesSlope) v128.store(c, f32x4.mul(v128.load(c), geluSlope4(v128.load(extra))));
  else v128.store(c, f32x4.add(v128.load(c), v128.load(extra)));
}

@inline
function finish1(kind: i32, c: usize, extra: usize): void {
  const value = load<f32>(c), other = load<f32>(extra);
  if (kind == activate) store<f32>(extra, f32x4.extract_lane(gelu4(f32x4.splat(value)), 0));
  else if (kind == timesSlope) store<f32>(c, value * f32x4.extract_lane(geluSlope4(f32x4.splat(other)), 0));
  else store<f32>(c, value + other);
}

@inline
function finishRow(kind: i32, columns: i32, c: usize, extra: usize): void {
  const end = c + (<usize>columns << 2), body = c + (<usize>(columns & ~7) << 2);
  for (; c < body; c += 32, extra += 32) {
    finish4(kind, c, extra);
    finish4(kind, c + 16, extra + 16);
  }
  for (; c < end; c += 4, extra += 4) finish1(kind, c, extra);
}

function finishBlock(kind: i32, rows: i32, columns: i32, c: usize, ldc: usize, extra: usize, ldExtra: usize): void {
  for (let i = 0; i < rows; i++) {
    if (kind == activate) finishRow(activate, columns, c, extra);
    else if (kind == timesSlope) finishRow(timesSlope, columns, c, extra);
    else finishRow(plusExtra, columns, c, extra);
    c += ldc;
    extra += ldExtra;
  }
}

/** One row of A times B[k, columns] as it lies, to `out`: each element of B is read once, four rows at a time. */
function multiplyRow(k: i32, columns: i32, a: usize, b: usize, ldb: usize, out: usize): void {
  memory.fill(out, 0, <usize>(columns + 3 & ~3) << 2);
  const body = <usize>(columns & ~7) << 2, end = <usize>columns << 2;
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const x0 = v128.load32_splat(a), x1 = v128.load32_splat(a, 4), x2 = v128.load32_splat(a, 8), x3 = v128.load32_splat(a, 12);
    const b1 = b + ldb, b2 = b1 + ldb, b3 = b2 + ldb;
    let at: usize = 0;
    for (; at < body; at += 32) {
      const t0 = madd(x1, v128.load(b1 + at), madd(x0, v128.load(b + at), v128.load(out + at)));
      const t1 = madd(x1, v128.load(b1 + at, 16), madd(x0, v128.load(b + at, 16), v128.load(out + at, 16)));
      v128.store(out + at, madd(x3, v128.load(b3 + at), madd(x2, v128.load(b2 + at), t0)));
      v128.store(out + at, madd(x3, v128.load(b3 + at, 16), madd(x2, v128.load(b2 + at, 16), t1)), 16);
    }
    for (; at < end; at += 4) {
      let sum = madd(x0, v128.load32_splat(b + at), v128.load32_splat(out + at));
      sum = madd(x1, v128.load32_splat(b1 + at), sum);
      sum = madd(x2, v128.load32_splat(b2 + at), sum);
      store<f32>(out + at, f32x4.extract_lane(madd(x3, v128.load32_splat(b3 + at), sum), 0));
    }
    a += 16;
    b = b3 + ldb;
  }
  for (; p < k; p++) {
    const x = v128.load32_splat(a);
    for (let at: usize = 0; at < end; at += 4)
      store<f32>(out + at, f32x4.extract_lane(madd(x, v128.load32_splat(b + at), v128.load32_splat(out + at)), 0));
    a += 4;
    b += ldb;
  }
}

/** The same with B stored transposed [columns, k]: columns are taken by sixteen, k by four. */
function multiplyRowTransposed(k: i32, columns: i32, a: usize, b: usize, ldb: usize, out: usize): void {
  let j = 0;
  for (; j + 16 <= columns; j += 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let at: usize = 0, p = 0;
    for (; p + 4 <= k; p += 4, at += 16) {
      const x0 = v128.load32_splat(a + at), x1 = v128.load32_splat(a + at, 4);
      const x2 = v128.load32_splat(a + at, 8), x3 = v128.load32_splat(a + at, 12);
      s0 = multiplyQuad(x0, x1, x2, x3, b + at, ldb, s0);
      s1 = multiplyQuad(x0, x1, x2, x3, b + at + 4 * ldb, ldb, s1);
      s2 = multiplyQuad(x0, x1, x2, x3, b + at + 8 * ldb, ldb, s2);
      s3 = multiplyQuad(x0, x1, x2, x3, b + at + 12 * ldb, ldb, s3);
    }
    v128.store(out, s0); v128.store(out, s1, 16); v128.store(out, s2, 32); v128.store(out, s3, 48);
    for (; p < k; p++, at += 4)
      for (let q: usize = 0; q < 16; q++) addProduct(a + at, b + at + q * ldb, out + (q << 2));
    b += 16 * ldb;
    out += 64;
  }
  for (; j < columns; j++, b += ldb, out += 4) {
    store<f32>(out, 0);
    for (let at: usize = 0; at < <usize>k << 2; at += 4) addProduct(a + at, b + at, out);
  }
}

@inline
function addProduct(x: usize, y: usize, to: usize): void {
  const sum = madd(v128.load32_splat(x), v128.load32_splat(y), v128.load32_splat(to));
  store<f32>(to, f32x4.extract_lane(sum, 0));
}

/** sum + x0..x3 times four steps of k of four columns. */
@inline
function multiplyQuad(x0: v128, x1: v128, x2: v128, x3: v128, b: usize, ldb: usize, sum: v128): v128 {
  const r0 = v128.load(b), r1 = v128.load(b + ldb), r2 = v128.load(b + 2 * ldb), r3 = v128.load(b + 3 * ldb);
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5), t1 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const t2 = i32x4.shuffle(r0, r1, 2, 6, 3, 7), t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  sum = madd(x0, i64x2.shuffle(t0, t1, 0, 2), sum);
  sum = madd(x1, i64x2.shuffle(t0, t1, 1, 3), sum);
  sum = madd(x2, i64x2.shuffle(t2, t3, 0, 2), sum);
  return madd(x3, i64x2.shuffle(t2, t3, 1, 3), sum);
}

/** Few rows: B is not worth packing. Sums in the order of `gemm`, so bit by bit what it would give. */
function multiplyFewRows(
  m: i32, n: i32, k: i32, a: usize, strideA: usize, b: usize, strideB: usize, transposeB: bool,
  c: usize, strideC: usize, mode: i32, bias: usize, scratch: usize,
): void {
  const sums = scratch + 256;
  for (let n0 = 0; n0 < n; n0 += rowSums) {
    const columns = min(rowSums, n - n0);
    for (let k0 = 0; k0 < k; k0 += blockK) {
      const depth = min(blockK, k - k0);
      for (let i = 0; i < m; i++) {
        const from = a + <usize>i * strideA + (<usize>k0 << 2);
        if (transposeB)
          multiplyRowTransposed(depth, columns, from, b + <usize>n0 * strideB + (<usize>k0 << 2), strideB, sums);
        else multiplyRow(depth, columns, from, b + <usize>k0 * strideB + (<usize>n0 << 2), strideB, sums);
        const to = c + <usize>i * strideC + (<usize>n0 << 2);
        copyEdge(1, columns, sums, to, 0, k0 > 0 || mode == 1 ? to : mode == 2 ? bias + (<usize>n0 << 2) : 0, 0);
      }
    }
  }
}

/**
 * C[m, n] = op(A)[m, k] op(B)[k, n] + addend. A transposed is stored [k, m], B transposed [n, k].
 * mode 0: C = product; 1: C += product; 2: C = product + bias[n]. Then what `finish` says (0: nothing) with `extra`,
 * laid out as C with rows `ldExtra` apart. sums: 0, or where the sums of the columns of B (as it lies) go.
 */
export function gemm(
  m: i32, n: i32, k: i32, a: usize, lda: i32, transposeA: bool, b: usize, ldb: i32, transposeB: bool,
  c: usize, ldc: i32, mode: i32, bias: usize, finish: i32, extra: usize, ldExtra: i32, sums: usize, scratch: usize,
): void {
  const strideA = <usize>lda << 2, strideB = <usize>ldb << 2, strideC = <usize>ldc << 2, strideExtra = <usize>ldExtra << 2;
  if (k == 0) {
    if (mode == 0) for (let i = 0; i < m; i++) memory.fill(c + <usize>i * strideC, 0, <usize>n << 2);
    return;
  }
  if (m < tileM && !transposeA && sums == 0) {
    multiplyFewRows(m, n, k, a, strideA, b, strideB, transposeB, c, strideC, mode, bias, scratch);
    if (finish != 0) finishBlock(finish, m, n, c, strideC, extra, strideExtra);
    return;
  }
  const packedA = scratch + 256;
  const panels = packedA + <usize>(blockM * blockK) * 4;
  for (let n0 = 0; n0 < n; n0 += blockN) {
    const columns = min(blockN, n - n0);
    for (let k0 = 0; k0 < k; k0 += blockK) {
      const depth = min(blockK, k - k0);
      if (transposeB) packTransposedB(b + <usize>n0 * strideB + (<usize>k0 << 2), strideB, depth, columns, panels);
      else packB(b + <usize>k0 * strideB + (<usize>n0 << 2), strideB, depth, columns, panels);
      if (sums != 0) sumPanels(depth, columns, panels, sums + (<usize>n0 << 2), k0 > 0, scratch);
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
        if (finish != 0 && k0 + depth == k)
          finishBlock(finish, rows, columns, at, strideC, extra + <usize>m0 * strideExtra + (<usize>n0 << 2), strideExtra);
      }
    }
  }
}
