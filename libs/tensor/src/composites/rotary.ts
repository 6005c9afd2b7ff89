// Rotary positions (Su et al. 2021): pairs of coordinates of a head are turned by an angle that grows with the position.
// LLaMA and GPT-NeoX pair the halves of a head (i with i + R/2), GPT-J neighbours (2i with 2i + 1). The angles come in
// as tables of cos and sin, so scaling of the context (linear, NTK, YaRN) is the model's affair.

import { defineComposite, expect, type Builder } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import { sameShape, type Value } from '../program.ts';

export type RotaryAttributes = {
  /** Pairs are neighbours. */
  readonly interleaved: boolean;
};

/** Inputs x [B, T, H, D], cos and sin [T, R/2] or [B, T, R/2]: the first R of the D coordinates turn. */
export const rotary = defineComposite<RotaryAttributes>({
  infer: ([x, cos, sin]) => {
    const [batch, length, , size] = x.shape;
    const [half, ...rest] = cos.shape.toReversed();
    expect(x.shape.length === 4 && 2 * half <= size, 'x [B, T, H, D] and tables of at most D/2 expected');
    expect(
      sameShape(rest, [length]) || sameShape(rest, [length, batch]),
      'tables [T, R/2] or [B, T, R/2] expected',
    );
    expect(sameShape(cos.shape, sin.shape), 'the tables differ in shape');
    return [x];
  },
  decompose: (b, [x, cos, sin], { interleaved }) => {
    const half = cos.shape[cos.shape.length - 1];
    const width = x.shape[3];
    const turning = 2 * half === width ? x : part(b, x, 0, 2 * half);
    const turned = turn(b, turning, [cos, sin], interleaved);
    return [2 * half === width ? turned : o.concat(b, [turned, part(b, x, 2 * half, width)], 3)];
  },
  // A rotation's transpose turns back. The tables are no parameters.
  gradient: (b, { inputs: [, cos, sin], attributes }, [g]) => [
    b.apply('rotary', [g as Value, cos, o.negate(b, sin)], attributes),
  ],
});

function turn(b: Builder, x: Value, tables: readonly Value[], interleaved: boolean): Value {
  const [batch, length, heads, width] = x.shape;
  const half = width / 2;
  const pairs = o.reshape(b, x, [batch, length, heads, ...(interleaved ? [half, 2] : [2, half])]);
  const axis = interleaved ? 4 : 3;
  const end = (i: number) => pairs.shape.with(axis, i + 1);
  const [first, second] = [0, 1].map((i) =>
    o.slice(
      b,
      pairs,
      pairs.shape.map((_, at) => (at === axis ? i : 0)),
      end(i),
    ),
  );
  const [cos, sin] = tables.map((table) => {
    const own = table.shape.length === 3 ? batch : 1;
    return o.reshape(b, table, [own, length, 1, ...(interleaved ? [half, 1] : [1, half])]);
  });
  const x1 = o.subtract(b, o.multiply(b, first, cos), o.multiply(b, second, sin));
  const x2 = o.add(b, o.multiply(b, second, cos), o.multiply(b, first, sin));
  return o.reshape(b, o.concat(b, [x1, x2], axis), x.shape);
}

function part(b: Builder, x: Value, from: number, to: number): Value {
  return o.slice(b, x, [0, 0, 0, from], x.shape.with(3, to));
}
