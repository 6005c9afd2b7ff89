// Runs a program once on the cpu executor.
import { openCpuExecutor, type Program, type Tensor } from '@gristmill/tensor';

/** Inputs that are not given are zeros. */
export async function runOnCpu(program: Program, given: Readonly<Record<string, ArrayLike<number>>>) {
  const executor = openCpuExecutor();
  const inputs: Record<string, Tensor> = {};
  for (const { name, value } of program.inputs)
    inputs[name] = await (given[name] ? executor.upload(value, given[name]) : executor.allocate(value));
  const outputs = await executor.run(await executor.compile(program), inputs);
  const read: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(outputs)) read[name] = [...(await executor.download(tensor))];
  await executor.close();
  return read;
}
