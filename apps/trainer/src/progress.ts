// One progress line on a terminal, plain lines now and then elsewhere. Each micro-batch moves it: a step of a large
// model takes minutes.

import { SingleBar } from 'cli-progress';
import { formatDuration } from './duration.ts';
import type { LossLine } from './training-run.ts';

export interface TrainingProgress {
  onMicroBatch(step: number, done: number): void;
  onStep(line: LossLine): void;
  onValidation(step: number, loss: number): void;
  close(): void;
}

interface Extent {
  readonly steps: number;
  readonly done: number;
  readonly microBatches: number;
}

/** Plain lines come no faster than this, so that a log stays short. */
const plainIntervalMs = 10_000;

export function createTrainingProgress(extent: Extent): TrainingProgress {
  return process.stderr.isTTY ? createBar(extent) : createPlainLines(extent);
}

const format =
  'train {at}/{steps}{part} | loss {loss} | validation {validation} | {rate} tokens/s | {left} left';

function createBar({ steps, done, microBatches }: Extent): TrainingProgress {
  const bar = new SingleBar({ format, stream: process.stderr, noTTYOutput: false });
  const clock = createClock(steps, done);
  const shown = { at: done, steps, part: '', loss: '–', validation: '–', rate: '–', left: '–' };
  const update = () => bar.update(shown.at, shown);
  bar.start(steps, done, shown);
  return {
    onMicroBatch(step, part) {
      Object.assign(shown, partOf(step, part, microBatches), {
        left: clock.left(step - 1 + part / microBatches),
      });
      update();
    },
    onStep({ step, loss, tokensPerSecond }) {
      Object.assign(shown, { at: step, part: '', loss: loss.toFixed(3), rate: tokensPerSecond });
      shown.left = clock.left(step);
      update();
    },
    onValidation: (_, loss) => (shown.validation = loss.toFixed(3)),
    close: () => bar.stop(),
  };
}

const partOf = (step: number, done: number, of: number) =>
  of === 1 ? {} : { at: step - 1, part: ` + ${done}/${of}` };

function createPlainLines({ steps, done, microBatches }: Extent): TrainingProgress {
  const clock = createClock(steps, done);
  let last = -Infinity;
  const write = (text: string, always = false) => {
    if (!always && performance.now() - last < plainIntervalMs) return;
    last = performance.now();
    process.stderr.write(`${text}\n`);
  };
  return {
    onMicroBatch(step, part) {
      if (microBatches > 1 && part < microBatches)
        write(
          `step ${step}/${steps} micro-batch ${part}/${microBatches}, ${clock.left(step - 1 + part / microBatches)} left`,
        );
    },
    onStep: ({ step, loss, tokensPerSecond }) =>
      write(
        `step ${step}/${steps} loss ${loss.toFixed(3)} ${tokensPerSecond} tokens/s, ${clock.left(step)} left`,
        step === steps,
      ),
    onValidation: (step, loss) => write(`step ${step}/${steps} validation loss ${loss.toFixed(4)}`, true),
    close: () => {},
  };
}

/** Time left at the mean speed since this start. */
function createClock(steps: number, done: number): { left(at: number): string } {
  const start = performance.now();
  return {
    left(at) {
      if (at <= done) return '–';
      return formatDuration(((performance.now() - start) / 1000 / (at - done)) * (steps - at));
    },
  };
}
