// Rotary positions of the heads of one position.

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
