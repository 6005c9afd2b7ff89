// `tensorboard/` in a run's folder: what TensorBoard shows of a run. Each start of the trainer writes a file of its own,
// which says from which step on it replaces the files before it.

import { appendFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEventRecord, type SummaryValue } from './event-record.ts';
import type { RunWatcher } from './run-watcher.ts';

/** What was not written yet is, after so long. */
const flushMs = 2000;

/** @param folder made when the first step is told */
export function createEventFile(folder: string): RunWatcher {
  let path: string | undefined;
  let hasBegun = false;
  let hasFailed = false;
  let waiting: Buffer[] = [];
  let flushed = performance.now();
  const write = (data: Buffer) => {
    if (hasFailed) return;
    try {
      path ??= nameFile(folder);
      appendFileSync(path, data);
    } catch (error) {
      hasFailed = true; // a run does not end for it
      process.stderr.write(`no more event files are written: ${(error as Error).message}\n`);
    }
  };
  const flush = () => {
    if (waiting.length > 0) write(Buffer.concat(waiting));
    waiting = [];
    flushed = performance.now();
  };
  const add = (step: number, values: readonly SummaryValue[]) => {
    const wallTime = Date.now() / 1000;
    if (!hasBegun) {
      hasBegun = true;
      waiting.push(encodeEventRecord({ wallTime, fileVersion: 'brain.Event:2' }));
      waiting.push(encodeEventRecord({ wallTime, step, isStart: true }));
    }
    waiting.push(encodeEventRecord({ wallTime, step, values }));
    if (performance.now() - flushed > flushMs) flush();
  };
  const scalars = (values: Readonly<Record<string, number | undefined>>) =>
    Object.entries(values).flatMap(([tag, scalar]) =>
      scalar !== undefined && Number.isFinite(scalar) ? [{ tag, scalar }] : [],
    );
  return {
    onStep: ({ step, loss, gradNorm, learningRate, tokensPerSecond, mfu }) =>
      add(
        step,
        scalars({
          'loss/training': loss,
          'gradient/norm': gradNorm,
          'learning rate': learningRate,
          'speed/tokens per second': tokensPerSecond,
          'speed/mfu': mfu,
        }),
      ),
    onValidation(step, loss) {
      add(step, scalars({ 'loss/validation': loss }));
      flush();
    },
    onGradients: ({ step, all, parameters }) =>
      add(step, [
        { tag: 'gradient/magnitude', histogram: all },
        ...Object.entries(parameters).map(([name, histogram]) => ({ tag: `gradients/${name}`, histogram })),
      ]),
    onSample: ({ step, prompt, text }) => add(step, [{ tag: 'sample', text: `**${prompt}**${text}` }]),
    onFinding: (finding) => finding && add(finding.step, [{ tag: finding.kind, text: finding.message }]),
    onRewind(step) {
      if (hasBegun)
        waiting.push(encodeEventRecord({ wallTime: Date.now() / 1000, step: step + 1, isStart: true }));
    },
    close: flush,
  };
}

/** Numbered, so that TensorBoard reads the files of a run in the order of its starts. */
function nameFile(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const numbers = readdirSync(folder).map((name) =>
    Number(/^events\.out\.tfevents\.(\d+)\./.exec(name)?.[1] ?? 0),
  );
  const number = Math.max(0, ...numbers) + 1;
  return join(folder, `events.out.tfevents.${String(number).padStart(10, '0')}.gristmill`);
}
