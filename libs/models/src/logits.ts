// From a model's last hidden states to logits.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ForwardResult } from './language-model.ts';

/** hidden f32 [..., C] (some rows of the result's, or all) → logits f32 [..., V]. */
export function logitsOf(
  b: Builder,
  hidden: Value,
  { head, bias, softcap }: Omit<ForwardResult, 'hidden'>,
): Value {
  const logits = o.linear(b, hidden, head, { transposed: true, bias });
  return softcap === undefined ? logits : o.softcap(b, logits, softcap);
}
