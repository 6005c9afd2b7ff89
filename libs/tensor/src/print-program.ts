// A program as text for people, with what each operation costs.

import { costOf, costOfProgram } from './cost.ts';
import { describeType, type Attribute, type Attributes, type Program, type Value } from './program.ts';

/** One line an operation: `%5 = matmul(%1, %4) f32[12,64] · 98304 FLOP, 19456 B`; at the end the sums. */
export function printProgram(program: Program): string {
  const names = new Map(program.inputs.map(({ name, value }) => [value.id, name]));
  const show = (value: Value) => names.get(value.id) ?? `%${value.id}`;
  const lines = program.inputs.map(({ name, value }) => `input ${name} ${describeType(value)}`);
  for (const operation of program.operations) {
    const { name, inputs, outputs, attributes } = operation;
    const { flops, bytes } = costOf(operation);
    lines.push(
      `${outputs.map(show).join(', ')} = ${name}(${inputs.map(show).join(', ')})${describe(attributes)} ` +
        `${outputs.map(describeType).join(' ')} · ${flops} FLOP, ${bytes} B`,
    );
  }
  const total = costOfProgram(program);
  lines.push(...program.outputs.map(({ name, value }) => `output ${name} = ${show(value)}`));
  return [...lines, `total ${total.flops} FLOP, ${total.bytes} B`].join('\n');
}

function describe(attributes: Attributes): string {
  const parts = Object.entries(attributes).map(([name, value]) => `${name}: ${describeAttribute(value)}`);
  return parts.length > 0 ? ` {${parts.join(', ')}}` : '';
}

function describeAttribute(value: Attribute): string {
  return typeof value === 'object' ? `[${value.join(',')}]` : String(value);
}
