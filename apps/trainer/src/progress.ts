// One progress line on a terminal, plain lines now and then elsewhere. Each micro-batch moves it: a step of a large
// model takes minutes.

import { SingleBar } from 'cli-progress';
import { formatDuration } from './duration.ts';
import type { RunWatcher, WrittenSample } from './watch/run-watcher.ts';

interface Extent {
  readonly steps: number;
  readonly done: number;
  /** Of a step. */
  microBatches(step: number): number;
}

/** Plain lines come soon at first, then ever more seldom up to this, so that a log stays short. */
const plainIntervalMs = 30_000;

export function createTrainingProgress(extent: Extent): RunWatcher {
  return process.stderr.isTTY ? createBar(extent) : createPlainLines(extent);
}

const format =
  'train {at}/{steps}{part} | loss {loss} | validation {validation} | {rate} tokens/s{mfu} | {left} left';

function createBar({ steps, done, microBatches }: Extent): RunWatcher {
  const bar = new SingleBar({ format, stream: process.stderr, noTTYOutput: false });
  const clock = createClock(steps, done);
  const shown = { at: done, steps, part: '', loss: '–', validation: '–', rate: '–', mfu: '', left: '–' };
  const update = () => bar.update(shown.at, shown);
  const say = (text: string) => {
    process.stderr.write(`\r\x1b[K${text}\n`); // in place of the bar, which is drawn anew below
    update();
  };
  bar.start(steps, done, shown);
  return {
    onMicroBatch(step, part) {
      Object.assign(shown, partOf(step, part, microBatches(step)), {
        left: clock.left(step - 1 + part / microBatches(step)),
      });
      update();
    },
    onStep({ step, loss, tokensPerSecond, mfu }) {
      const rate = tokensPerSecond;
      Object.assign(shown, { at: step, part: '', loss: loss.toFixed(3), rate, mfu: showMfu(mfu) });
      shown.left = clock.left(step);
      update();
    },
    onValidation: (_, loss) => (shown.validation = loss.toFixed(3)),
    onSample: (sample) => say(describeSample(sample)),
    onFinding: (finding) => finding && say(finding.message),
    close: () => bar.stop(),
  };
}

const partOf = (step: number, done: number, of: number) =>
  of === 1 ? {} : { at: step - 1, part: ` + ${done}/${of}` };

const showMfu = (mfu: number | undefined) => (mfu === undefined ? '' : `, MFU ${(100 * mfu).toFixed(1)} %`);

const mostShown = 160;

function describeSample({ step, prompt, text }: WrittenSample): string {
  const line = `${prompt}${text}`.replaceAll(/[\s\p{Cc}]+/gu, ' ');
  return `sample after step ${step}: ${[...line].slice(0, mostShown).join('')}`;
}

function createPlainLines({ steps, done, microBatches }: Extent): RunWatcher {
  const clock = createClock(steps, done);
  let last = -Infinity;
  let intervalMs = 500;
  const write = (text: string, always = false) => {
    if (!always && performance.now() - last < intervalMs) return;
    last = performance.now();
    intervalMs = Math.min(2 * intervalMs, plainIntervalMs);
    process.stderr.write(`${text}\n`);
  };
  return {
    onMicroBatch(step, part) {
      const of = microBatches(step);
      if (of > 1 && part < of)
        write(`step ${step}/${steps} micro-batch ${part}/${of}, ${clock.left(step - 1 + part / of)} left`);
    },
    onStep: ({ step, loss, tokensPerSecond, mfu }) =>
      write(
        `step ${step}/${steps} loss ${loss.toFixed(3)} ${tokensPerSecond} tokens/s${showMfu(mfu)}, ${clock.left(step)} left`,
        step === steps,
      ),
    onValidation: (step, loss) => write(`step ${step}/${steps} validation loss ${loss.toFixed(4)}`, true),
    onSample: (sample) => write(describeSample(sample), true),
    onFinding: (finding) => finding && write(finding.message, true),
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
