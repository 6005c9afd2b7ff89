// One progress line on a terminal, plain lines now and then elsewhere.

import { SingleBar } from 'cli-progress';
import type { LossLine } from './train.ts';

export interface TrainingProgress {
  onStep(line: LossLine): void;
  onValidation(step: number, loss: number): void;
  close(): void;
}

const plainInterval = 100; // steps between plain lines

export function createTrainingProgress(steps: number, done: number): TrainingProgress {
  return process.stderr.isTTY ? createBar(steps, done) : createPlainLines(steps);
}

const format =
  'train {value}/{total} | loss {loss} | validation {validation} | {rate} tokens/s | {eta_formatted} left';

function createBar(steps: number, done: number): TrainingProgress {
  const bar = new SingleBar({ format, stream: process.stderr, noTTYOutput: false });
  let validation = '–';
  bar.start(steps, done, { loss: '–', validation, rate: '–' });
  return {
    onStep: ({ step, loss, tokensPerSecond }) =>
      bar.update(step, { loss: loss.toFixed(3), validation, rate: tokensPerSecond }),
    onValidation: (_, loss) => (validation = loss.toFixed(3)),
    close: () => bar.stop(),
  };
}

function createPlainLines(steps: number): TrainingProgress {
  return {
    onStep: ({ step, loss, tokensPerSecond }) => {
      if (step % plainInterval === 0 || step === steps)
        process.stderr.write(`step ${step}/${steps} loss ${loss.toFixed(3)} ${tokensPerSecond} tokens/s\n`);
    },
    onValidation: (step, loss) =>
      process.stderr.write(`step ${step}/${steps} validation loss ${loss.toFixed(4)}\n`),
    close: () => {},
  };
}
