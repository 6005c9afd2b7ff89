import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTrainingProgress } from '../../apps/trainer/src/progress.ts';

let written = '';
beforeEach(() => {
  written = '';
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const line = (step: number) => ({
  step,
  loss: 3,
  learningRate: 1e-3,
  gradNorm: 1,
  tokens: 100 * step,
  tokensPerSecond: 100,
  mfu: 0.123,
  inputWaitMs: 0,
});

test('plain lines begin with the first step and come ever more seldom, at last twice a minute', () => {
  const progress = createTrainingProgress({ steps: 1000, done: 0, microBatches: () => 1 });
  for (let step = 1; step <= 1000; step++) {
    vi.advanceTimersByTime(1000);
    progress.onStep?.(line(step));
  }
  const steps = [...written.matchAll(/^step (\d+)\/1000 /gm)].map(([, step]) => Number(step));
  expect(steps.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 62, 92]);
  expect(steps.at(-1)).toBe(1000);
  expect(written).toContain('step 2/1000 loss 3.000 100 tokens/s, MFU 12.3 %, 16m 38s left\n');
});

test('what a model writes moves no cursor', () => {
  const progress = createTrainingProgress({ steps: 10, done: 0, microBatches: () => 1 });
  progress.onSample?.({ step: 3, prompt: 'a\n', text: 'b\u001b[2Jc\u0007' });
  expect(written).toBe('sample after step 3: a b [2Jc \n');
});
