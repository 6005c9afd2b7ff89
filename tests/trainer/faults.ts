// What faults do to a run, and what its folder says of it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCpuExecutor, type Executor } from '@gristmill/tensor';

/** An executor on which the loss of the n-th step (from 1) comes out as another, once. */
export function spoilStep(n: number, loss = NaN): Executor {
  const executor = openCpuExecutor();
  let measured = 0;
  return {
    ...executor,
    async run(executable, inputs) {
      const outputs = await executor.run(executable, inputs);
      if (!('gradNorm' in outputs) || ++measured !== n) return outputs;
      return { ...outputs, loss: await executor.upload({ shape: [], dtype: 'f32' }, [loss]) };
    },
  };
}

export const checkpointsOf = (run: string) => readdirSync(join(run, 'checkpoints')).sort();
export const linesOf = (run: string, file: string) =>
  readFileSync(join(run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; loss: number | null; skipped?: string });
