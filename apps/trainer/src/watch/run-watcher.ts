// Who looks at a run while it trains: the progress line, TensorBoard's files, the live page. They are told what happens
// and change nothing of it.

import type { LossLine } from '../training-run.ts';
import type { GradientHistograms } from './gradient-histograms.ts';
import type { Finding } from './fit.ts';

/** A line of samples.jsonl: what the model writes after a step. */
export interface WrittenSample {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

export interface RunWatcher {
  /** Called after each micro-batch of a step with how many of them are done. */
  onMicroBatch?(step: number, done: number): void;
  onStep?(line: LossLine): void;
  onValidation?(step: number, loss: number): void;
  onSample?(sample: WrittenSample): void;
  onGradients?(histograms: GradientHistograms): void;
  /** What is wrong with how the model fits its data; undefined when it is so no more. */
  onFinding?(finding: Finding | undefined): void;
  /** The run went back to a step, and what came after it is done again. */
  onRewind?(step: number): void;
  close?(): void;
}

/** All of them as one, in their order; closed once, however often it is asked. */
export function combineWatchers(watchers: readonly RunWatcher[]): Required<RunWatcher> {
  let isOpen = true;
  return {
    onMicroBatch: (step, done) => watchers.forEach((one) => one.onMicroBatch?.(step, done)),
    onStep: (line) => watchers.forEach((one) => one.onStep?.(line)),
    onValidation: (step, loss) => watchers.forEach((one) => one.onValidation?.(step, loss)),
    onSample: (sample) => watchers.forEach((one) => one.onSample?.(sample)),
    onGradients: (histograms) => watchers.forEach((one) => one.onGradients?.(histograms)),
    onFinding: (finding) => watchers.forEach((one) => one.onFinding?.(finding)),
    onRewind: (step) => watchers.forEach((one) => one.onRewind?.(step)),
    close() {
      if (isOpen) watchers.forEach((one) => one.close?.());
      isOpen = false;
    },
  };
}
