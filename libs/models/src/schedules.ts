// Learning rates as pure functions of the step, from 1: a warm-up in a straight line, then one of five curves.

/** After the warm-up. */
export type ScheduleName = 'cosine' | 'linear' | 'inverse-sqrt' | 'constant' | 'trapezoid';
/** How a trapezoid falls. */
export type DecayShape = 'linear' | 'cosine' | '1-sqrt';

export interface Schedule {
  readonly schedule: ScheduleName;
  /** The highest. */
  readonly learningRate: number;
  /** Where cosine, linear and trapezoid end, and stay. Default 0. */
  readonly minLearningRate?: number;
  readonly warmupSteps: number;
  /** Of the whole run. */
  readonly steps: number;
  /**
   * cosine, linear: steps of the fall, which begins after the warm-up; 0: to the last step.
   * trapezoid (warm-up, stable, decay): steps of the fall, which ends at the last step; 0: a fifth of all.
   */
  readonly decaySteps?: number;
  /** Of a trapezoid. 1-sqrt: 1 − √progress (Hägele et al. 2024). */
  readonly decayShape?: DecayShape;
  /** inverse-sqrt: the rate is the highest up to this step h, then falls as √(h / step); 0: h is the warm-up. */
  readonly holdSteps?: number;
}

/** The learning rate of a step, from 1. */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { learningRate, warmupSteps } = schedule;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  return curves[schedule.schedule](step, schedule);
}

const curves: Readonly<Record<ScheduleName, (step: number, schedule: Schedule) => number>> = {
  constant: (_, { learningRate }) => learningRate,
  cosine: (step, schedule) => mix(schedule, remaining.cosine(progressOf(step, schedule))),
  linear: (step, schedule) => mix(schedule, remaining.linear(progressOf(step, schedule))),
  'inverse-sqrt': (step, { learningRate, warmupSteps, holdSteps = 0 }) => {
    const hold = holdSteps || Math.max(1, warmupSteps);
    return learningRate * Math.sqrt(hold / Math.max(hold, step));
  },
  trapezoid: (step, schedule) => {
    const { steps, decaySteps = 0, decayShape = 'linear' } = schedule;
    const length = decaySteps || Math.ceil(steps / 5);
    return mix(schedule, remaining[decayShape](limit((step - (steps - length)) / length)));
  },
};

/** How much of the way down is left, from 1 to 0. */
const remaining: Readonly<Record<DecayShape, (progress: number) => number>> = {
  linear: (progress) => 1 - progress,
  cosine: (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)),
  '1-sqrt': (progress) => 1 - Math.sqrt(progress),
};

function progressOf(step: number, { warmupSteps, steps, decaySteps = 0 }: Schedule): number {
  return limit((step - warmupSteps) / (decaySteps || Math.max(1, steps - warmupSteps)));
}

const limit = (progress: number) => Math.min(1, Math.max(0, progress));

const mix = ({ learningRate, minLearningRate = 0 }: Schedule, left: number) =>
  minLearningRate + (learningRate - minLearningRate) * left;
