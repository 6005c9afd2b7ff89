// How much of what a machine can do a run makes use of: model FLOPs utilization (Chowdhery et al. 2022, appendix B). The
// model's FLOPs are those of its program without what memory made it compute twice; the machine's peak is what a product
// of matrices reaches here.

import {
  buildAccumulateProgram,
  buildUpdateProgram,
  type LanguageModel,
  type Objective,
  type Optimizer,
} from '@gristmill/models';
import { costOfProgram, createBuilder, operations as o, type Executor, type Tensor } from '@gristmill/tensor';
import { batchShapeOf, type StepShape } from '../compiled-step.ts';

/** FLOPs of a whole step, its backward pass and update included. */
export function countStepFlops(
  model: LanguageModel,
  optimizer: Optimizer,
  shape: StepShape,
  objective?: Pick<Objective, 'shape'>,
): number {
  const batch = batchShapeOf(shape, objective);
  const micro = costOfProgram(buildAccumulateProgram(model, batch).program).flops;
  return micro * shape.gradAccumSteps + costOfProgram(buildUpdateProgram(model, optimizer).program).flops;
}

/** A product takes at least so long before its speed is believed. */
const enoughMs = 15;
const mostWidth = 8192;
const tries = 5;

/** The most FLOPs a second that a product of square matrices in single precision reaches on the executor. */
export async function measurePeak(executor: Executor): Promise<number> {
  for (let width = 256; ; width *= 2) {
    const seconds = await timeProduct(executor, width);
    if (seconds * 1000 >= enoughMs || width >= mostWidth) return (2 * width ** 3) / seconds;
  }
}

/** Seconds of the fastest of some tries. */
async function timeProduct(executor: Executor, width: number): Promise<number> {
  const b = createBuilder();
  const [x, y] = [b.input('x', [width, width]), b.input('y', [width, width])];
  // Only the sum of its squares leaves the executor, so that the product itself is what takes time.
  const executable = await executor.compile(b.finish({ size: o.sumSquares(b, o.matmul(b, x, y)) }));
  const data = Float32Array.from({ length: width * width }, (_, i) => ((i * 7919) % 1009) / 1009);
  const type = { shape: [width, width], dtype: 'f32' } as const;
  const inputs: Record<string, Tensor> = {
    x: await executor.upload(type, data),
    y: await executor.upload(type, data),
  };
  let best = Infinity;
  for (let n = 0; n <= tries; n++) {
    const start = performance.now();
    const { size } = await executor.run(executable, inputs);
    await executor.download(size);
    if (n > 0) best = Math.min(best, performance.now() - start);
    executor.dispose(size);
  }
  executor.dispose(...Object.values(inputs), executable);
  return best / 1000;
}
