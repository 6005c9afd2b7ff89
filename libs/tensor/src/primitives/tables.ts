// Rows of a table by index. An index outside the table, negative ones too, means no row: it reads zeros, and what is
// added there is dropped. So both are products with one-hot rows, and each is the other's gradient.

import { defineOperation, expect } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import { describeType, sameShape } from '../program.ts';

/** Table [V, C] and i32 indices [...] → rows [..., C]. */
export const gather = defineOperation({
  infer: ([table, indices]) => {
    expect(table.shape.length === 2 && indices.dtype === 'i32', 'a table [V, C] and i32 indices expected');
    return { shape: [...indices.shape, table.shape[1]], dtype: table.dtype };
  },
  gradient: (b, { inputs: [table, indices] }, g) => [
    o.scatterAdd(b, o.constant(b, 0, table.shape, table.dtype), indices, g),
    undefined,
  ],
  evaluate: ({ inputs: [table] }, [data, indices], out) => {
    const [rows, width] = table.shape;
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i] * width;
      const inside = indices[i] >= 0 && indices[i] < rows;
      for (let c = 0; c < width; c++) out[i * width + c] = inside ? data[from + c] : 0;
    }
  },
});

/** Table [V, C] with rows [..., C] added at indices [...], one after the other. */
export const scatterAdd = defineOperation({
  infer: ([table, indices, rows]) => {
    expect(
      table.shape.length === 2 &&
        indices.dtype === 'i32' &&
        rows.dtype === table.dtype &&
        sameShape(rows.shape, [...indices.shape, table.shape[1]]),
      `rows ${describeType(rows)} do not fit indices ${describeType(indices)}`,
    );
    expect(table.dtype !== 'bool', `numbers expected, not ${describeType(table)}`);
    return table;
  },
  gradient: (b, { inputs: [, indices] }, g) => [g, undefined, o.gather(b, g, indices)],
  evaluate: ({ inputs: [table] }, [data, indices, rows], out) => {
    const [count, width] = table.shape;
    if (out !== data) out.set(data);
    for (let i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= count) continue;
      for (let c = 0; c < width; c++) out[indices[i] * width + c] += rows[i * width + c];
    }
  },
});
