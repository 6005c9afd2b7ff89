// Outputs that are inputs under another name or shape are copied, so that a donation cannot overwrite them first.

import type { Operation, Program, Value } from '../program.ts';

export function copyPassedInputs(program: Program): Program {
  const passed = new Set(program.inputs.map(({ value }) => value.id));
  for (const { name, inputs, outputs } of program.operations)
    if (['reshape', 'stopGradient', 'barrier'].includes(name) && passed.has(inputs[0].id))
      passed.add(outputs[0].id);
  let next = highestId(program);
  const copies: Operation[] = [];
  const outputs = program.outputs.map(({ name, value }) => {
    if (!passed.has(value.id)) return { name, value };
    const copy: Value = { ...value, id: ++next };
    copies.push({ name: 'convert', inputs: [value], outputs: [copy], attributes: { dtype: value.dtype } });
    return { name, value: copy };
  });
  return { ...program, operations: [...program.operations, ...copies], outputs };
}

/** The highest id of a value; −1 for none. */
export function highestId({ inputs, operations }: Program): number {
  let highest = -1;
  for (const { value } of inputs) highest = Math.max(highest, value.id);
  for (const { outputs } of operations) for (const { id } of outputs) highest = Math.max(highest, id);
  return highest;
}
