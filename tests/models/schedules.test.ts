import { expect, test } from 'vitest';
import { learningRateAt, type Schedule } from '@gristmill/models';

const base = { learningRate: 2, minLearningRate: 0.2, warmupSteps: 10, steps: 110 } as const;

/** The rate at steps, by each curve's own formula. */
test.each<[Partial<Schedule> & Pick<Schedule, 'schedule'>, Readonly<Record<number, number>>]>([
  [
    { schedule: 'cosine' },
    { 1: 0.2, 5: 1, 10: 2, 35: 0.2 + 0.9 * (1 + Math.SQRT1_2), 60: 1.1, 110: 0.2, 500: 0.2 },
  ],
  [
    { schedule: 'cosine', decaySteps: 50 },
    { 35: 1.1, 60: 0.2, 110: 0.2 },
  ],
  [{ schedule: 'linear' }, { 1: 0.2, 10: 2, 35: 1.55, 60: 1.1, 110: 0.2, 111: 0.2 }],
  [
    { schedule: 'linear', decaySteps: 20 },
    { 15: 1.55, 30: 0.2, 110: 0.2 },
  ],
  [{ schedule: 'constant' }, { 1: 0.2, 9: 1.8, 10: 2, 11: 2, 5000: 2 }],
  [{ schedule: 'inverse-sqrt' }, { 5: 1, 10: 2, 40: 1, 1000: 0.2 }],
  // T5: 1 / √max(step, 10⁴), whose highest is .01
  [
    { schedule: 'inverse-sqrt', learningRate: 0.01, warmupSteps: 0, holdSteps: 10_000 },
    { 1: 0.01, 10_000: 0.01, 40_000: 0.005, 1_000_000: 0.001 },
  ],
  [
    { schedule: 'trapezoid', decaySteps: 20 },
    { 5: 1, 10: 2, 90: 2, 95: 1.55, 100: 1.1, 110: 0.2 },
  ],
  [{ schedule: 'trapezoid' }, { 88: 2, 99: 1.1, 110: 0.2 }], // the last 22 of 110
  [
    { schedule: 'trapezoid', decaySteps: 20, decayShape: 'cosine' },
    { 95: 0.2 + 0.9 * (1 + Math.SQRT1_2), 100: 1.1 },
  ],
  [
    { schedule: 'trapezoid', decaySteps: 20, decayShape: '1-sqrt' },
    { 95: 1.1, 110: 0.2 },
  ],
  [
    { schedule: 'cosine', warmupSteps: 0 },
    { 55: 1.1, 110: 0.2 },
  ],
])('%o', (schedule, expected) => {
  for (const [step, rate] of Object.entries(expected))
    expect(learningRateAt(Number(step), { ...base, ...schedule }), step).toBeCloseTo(rate, 12);
});
