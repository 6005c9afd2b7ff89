// Mixed precision (Micikevicius et al. 2018) with bfloat16: products of matrices read bf16 and add up in f32, everything
// else, norms, softmax, loss, sums of gradients, stays f32, and so do the parameters. No loss is scaled: bf16 has f32's
// range. f16, which has not, is left out.

import { createBuilder } from './builder.ts';
import type { Builder } from './definition.ts';
import { lower } from './lower.ts';
import type { Program, Value } from './program.ts';

/** An equal program of primitives whose f32 products read their operands rounded to bf16. Inputs and outputs keep their types. */
export function multiplyInBf16(program: Program): Program {
  const primitive = lower(program, () => false);
  const b = createBuilder();
  const seen = new Map<number, Value>();
  const rounded = new Map<number, Value>();
  for (const { name, value } of primitive.inputs) seen.set(value.id, b.input(name, value.shape, value.dtype));
  for (const { name, inputs, outputs, attributes } of primitive.operations) {
    const operands = inputs.map(({ id }) => seen.get(id) as Value);
    const isProduct = name === 'matmul' && operands[0].dtype === 'f32';
    const result = isProduct
      ? b.apply(
          name,
          operands.map((x) => roundOnce(b, rounded, x)),
          { ...attributes, toF32: true },
        )
      : b.apply(name, operands, attributes);
    seen.set(outputs[0].id, result);
  }
  const results = primitive.outputs.map(({ name, value }) => [name, seen.get(value.id) as Value] as const);
  return b.finish(Object.fromEntries(results));
}

function roundOnce(b: Builder, rounded: Map<number, Value>, x: Value): Value {
  const known = rounded.get(x.id) ?? b.apply('convert', [x], { dtype: 'bf16' });
  rounded.set(x.id, known);
  return known;
}
