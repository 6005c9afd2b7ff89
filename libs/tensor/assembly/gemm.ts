// asc: --enable simd --enable relaxed-simd --enable threads --enable bulk-memory --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --uncheckedBehavior always
// Matrix product C = op(A) op(B) (+ C, or + a bias for each column) in single precision, blocked as by Goto and van de
// Geijn (2008): B is packed into panels 8 columns wide, A is read as it lies or, transposed, packed into panels of 6
// rows, and a tile of 6 x 8 accumulates in registers by fused multiply-add. Each element is summed in the order of k
// alone, so the result does not depend on how the caller splits rows. Leading dimensions are in elements.

const tileM: i32 = 6;
const tileN: i32 = 8;
const blockK: i32 = 256;
const blockM: i32 = 96; // rows of A per packed block (transposed A)
const blockN: i32 = 512; // columns of B per packed block

/** Bytes of scratch that `gemm` needs: an edge tile, a block of A, a block of B. */
export function scratchBytes(): i32 {
  return 256 + (blockM * blockK + blockN * blockK) * 4;
}

/** 6 rows of A as they lie (`lda` bytes apart) times a packed panel of B. */
function tileRows(k: i32, a: usize, lda: usize, b: usize, c: usize, ldc: usize, addend: usize, addendStride: usize): void {
  let a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda;
  let x = f32x4.splat(0), b0 = x, b1 = x;
  let c00 = x, c01 = x, c10 = x, c11 = x, c20 = x, c21 = x, c30 = x, c31 = x, c40 = x, c41 = x, c50 = x, c51 = x;
  for (let n = k >> 2; n > 0; n--) {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a0, 0); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a1, 0); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a2, 0); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a3, 0); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a4, 0); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a5, 0); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a0, 4); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a1, 4); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a2, 4); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a3, 4); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a4, 4); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a5, 4); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    x = v128.load32_splat(a0, 8); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a1, 8); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a2, 8); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a3, 8); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a4, 8); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a5, 8); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    b0 = v128.load(b, 96);
    b1 = v128.load(b, 112);
    x = v128.load32_splat(a0, 12); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a1, 12); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a2, 12); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a3, 12); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a4, 12); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a5, 12); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    a0 += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16; a5 += 16;
    b += 128;
  }
  for (let n = k & 3; n > 0; n--) {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a0, 0); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a1, 0); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a2, 0); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a3, 0); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a4, 0); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a5, 0); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    b += 32;
  }
  if (addend != 0) {
    c00 = f32x4.add(c00, v128.load(addend)); c01 = f32x4.add(c01, v128.load(addend, 16)); addend += addendStride;
    c10 = f32x4.add(c10, v128.load(addend)); c11 = f32x4.add(c11, v128.load(addend, 16)); addend += addendStride;
    c20 = f32x4.add(c20, v128.load(addend)); c21 = f32x4.add(c21, v128.load(addend, 16)); addend += addendStride;
    c30 = f32x4.add(c30, v128.load(addend)); c31 = f32x4.add(c31, v128.load(addend, 16)); addend += addendStride;
    c40 = f32x4.add(c40, v128.load(addend)); c41 = f32x4.add(c41, v128.load(addend, 16)); addend += addendStride;
    c50 = f32x4.add(c50, v128.load(addend)); c51 = f32x4.add(c51, v128.load(addend, 16));
  }
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); c += ldc;
  v128.store(c, c40); v128.store(c, c41, 16); c += ldc;
  v128.store(c, c50); v128.store(c, c51, 16);
}

/** A packed panel of A (6 rows side by side) times a packed panel of B. */
function tilePacked(k: i32, a: usize, b: usize, c: usize, ldc: usize, addend: usize, addendStride: usize): void {
  let x = f32x4.splat(0), b0 = x, b1 = x;
  let c00 = x, c01 = x, c10 = x, c11 = x, c20 = x, c21 = x, c30 = x, c31 = x, c40 = x, c41 = x, c50 = x, c51 = x;
  for (let n = k >> 2; n > 0; n--) {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 4); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a, 8); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a, 12); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 16); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a, 20); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a, 24); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 28); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a, 32); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a, 36); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 40); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a, 44); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    x = v128.load32_splat(a, 48); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 52); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a, 56); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a, 60); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 64); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a, 68); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    b0 = v128.load(b, 96);
    b1 = v128.load(b, 112);
    x = v128.load32_splat(a, 72); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 76); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a, 80); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a, 84); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 88); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a, 92); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    a += 96;
    b += 128;
  }
  for (let n = k & 3; n > 0; n--) {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0); c00 = f32x4.relaxed_madd(x, b0, c00); c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 4); c10 = f32x4.relaxed_madd(x, b0, c10); c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a, 8); c20 = f32x4.relaxed_madd(x, b0, c20); c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a, 12); c30 = f32x4.relaxed_madd(x, b0, c30); c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 16); c40 = f32x4.relaxed_madd(x, b0, c40); c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a, 20); c50 = f32x4.relaxed_madd(x, b0, c50); c51 = f32x4.relaxed_madd(x, b1, c51);
    a += 24;
    b += 32;
  }
  if (addend != 0) {
    c00 = f32x4.add(c00, v128.load(addend)); c01 = f32x4.add(c01, v128.load(addend, 16)); addend += addendStride;
    c10 = f32x4.add(c10, v128.load(addend)); c11 = f32x4.add(c11, v128.load(addend, 16)); addend += addendStride;
    c20 = f32x4.add(c20, v128.load(addend)); c21 = f32x4.add(c21, v128.load(addend, 16)); addend += addendStride;
    c30 = f32x4.add(c30, v128.load(addend)); c31 = f32x4.add(c31, v128.load(addend, 16)); addend += addendStride;
    c40 = f32x4.add(c40, v128.load(addend)); c41 = f32x4.add(c41, v128.load(addend, 16)); addend += addendStride;
    c50 = f32x4.add(c50, v128.load(addend)); c51 = f32x4.add(c51, v128.load(addend, 16));
  }
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); c += ldc;
  v128.store(c, c40); v128.store(c, c41, 16); c += ldc;
  v128.store(c, c50); v128.store(c, c51, 16);
}

/** Packs A[k0.., m0..] stored transposed ([K, M]) into panels of 6 rows. */
function packTransposedA(a: usize, lda: usize, rows: i32, k: i32, to: usize): void {
  for (let i = 0; i < rows; i += tileM) {
    let from = a + ((<usize>i) << 2);
    for (let p = 0; p < k; p++) {
      // Lanes beyond the last row hold what lies there; their results are never stored.
      v128.store(to, v128.load(from));
      store<u64>(to, load<u64>(from, 16), 16);
      from += lda;
      to += 24;
    }
  }
}

/** Packs B[k, columns] into panels of 8 columns, zeros beyond the last. */
function packB(b: usize, ldb: usize, k: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += tileN) {
    let from = b + ((<usize>j) << 2);
    const width = min(tileN, columns - j);
    for (let p = 0; p < k; p++) {
      if (width == tileN) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        for (let q = 0; q < tileN; q++)
          store<f32>(to + ((<usize>q) << 2), q < width ? load<f32>(from + ((<usize>q) << 2)) : 0);
      }
      from += ldb;
      to += 32;
    }
  }
}

/** Packs B stored transposed ([N, K]) into panels of 8 columns, by 4 x 4 transpositions. */
function packTransposedB(b: usize, ldb: usize, k: i32, columns: i32, to: usize): void {
  for (let j = 0; j < columns; j += tileN) {
    const width = min(tileN, columns - j);
    const panel = b + (<usize>j) * ldb;
    let p = 0;
    if (width == tileN) {
      for (; p + 4 <= k; p += 4) {
        transpose4(panel + ((<usize>p) << 2), ldb, to);
        transpose4(panel + 4 * ldb + ((<usize>p) << 2), ldb, to + 16);
        to += 128;
      }
    }
    for (; p < k; p++) {
      for (let q = 0; q < tileN; q++)
        store<f32>(to + ((<usize>q) << 2), q < width ? load<f32>(panel + (<usize>q) * ldb + ((<usize>p) << 2)) : 0);
      to += 32;
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
  v128.store(to, i64x2.shuffle(t0, t1, 1, 3), 32);
  v128.store(to, i64x2.shuffle(t2, t3, 0, 2), 64);
  v128.store(to, i64x2.shuffle(t2, t3, 1, 3), 96);
}

/** One row block times one packed block of B. `addend` 0: store; else its rows are added (stride 0: a bias). */
function multiplyBlock(
  rows: i32, columns: i32, k: i32, a: usize, lda: usize, packed: bool, panels: usize,
  c: usize, ldc: usize, addend: usize, addendStride: usize, edge: usize,
): void {
  for (let j = 0; j < columns; j += tileN) {
    const b = panels + (<usize>(j * k) << 2);
    const width = min(tileN, columns - j);
    for (let i = 0; i < rows; i += tileM) {
      const height = min(tileM, rows - i);
      const at = c + (<usize>i) * ldc + (<usize>j << 2);
      const add = addend == 0 ? 0 : addend + (<usize>i) * addendStride + (<usize>j << 2);
      const whole = width == tileN && height == tileM;
      const target = whole ? at : edge;
      const targetStride = whole ? ldc : 32;
      if (packed) tilePacked(k, a + (<usize>(i * k) << 2), b, target, targetStride, whole ? add : 0, addendStride);
      else if (height == tileM)
        tileRows(k, a + (<usize>i) * lda, lda, b, target, targetStride, whole ? add : 0, addendStride);
      else tileFewRows(height, k, a + (<usize>i) * lda, lda, b, target, targetStride);
      if (whole) continue;
      for (let r = 0; r < height; r++) {
        for (let q = 0; q < width; q++) {
          let value = load<f32>(edge + <usize>(r * 32 + q * 4));
          if (add != 0) value += load<f32>(add + (<usize>r) * addendStride + (<usize>q << 2));
          store<f32>(at + (<usize>r) * ldc + (<usize>q << 2), value);
        }
      }
    }
  }
}

/** Fewer than 6 rows, one at a time. */
function tileFewRows(rows: i32, k: i32, a: usize, lda: usize, b: usize, c: usize, ldc: usize): void {
  for (let r = 0; r < rows; r++) {
    let c0 = f32x4.splat(0), c1 = c0;
    let at = a + (<usize>r) * lda, panel = b;
    for (let n = k; n > 0; n--) {
      const x = v128.load32_splat(at);
      c0 = f32x4.relaxed_madd(x, v128.load(panel), c0);
      c1 = f32x4.relaxed_madd(x, v128.load(panel, 16), c1);
      at += 4;
      panel += 32;
    }
    v128.store(c, c0);
    v128.store(c, c1, 16);
    c += ldc;
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
      if (transposeB) packTransposedB(b + (<usize>n0) * strideB + (<usize>k0 << 2), strideB, depth, columns, panels);
      else packB(b + (<usize>k0) * strideB + (<usize>n0 << 2), strideB, depth, columns, panels);
      const adds = k0 > 0 || mode == 1;
      for (let m0 = 0; m0 < m; m0 += blockM) {
        const rows = min(blockM, m - m0);
        const at = c + (<usize>m0) * strideC + (<usize>n0 << 2);
        const addend = adds ? at : mode == 2 ? bias + (<usize>n0 << 2) : 0;
        const addendStride = adds ? strideC : 0;
        let block = a + (<usize>m0) * strideA + (<usize>k0 << 2);
        if (transposeA) {
          packTransposedA(a + (<usize>k0) * strideA + (<usize>m0 << 2), strideA, rows, depth, packedA);
          block = packedA;
        }
        multiplyBlock(rows, columns, depth, block, strideA, transposeA, panels, at, strideC, addend, addendStride, scratch);
      }
    }
  }
}
