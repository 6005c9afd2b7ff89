// Is a step sound? Looked at before the parameters change: a loss or gradient that is not finite, and a spike, a loss far
// above those before it (as llm.c finds outliers). What is done about it is the run's setting.

import type { RunSettings } from './setting-schema.ts';

export type Trouble = 'not finite' | 'spike';
export type Action = 'none' | 'report' | 'stop' | 'skip' | 'rewind';

export interface Verdict {
  readonly trouble: Trouble;
  readonly action: Action;
  /** Deviations above the mean of the losses before, of a spike. */
  readonly deviations?: number;
}

/** Losses that a spike is measured against, and steps before any is looked for. */
export const spikeWindow = 128;
const firstSteps = 512;
const spikeDeviations = 6;

/**
 * @param before losses of the steps before, oldest first
 * @returns undefined for a sound step
 */
export function judgeStep(
  { loss, gradNorm }: { readonly loss: number; readonly gradNorm: number },
  { step, before }: { readonly step: number; readonly before: readonly number[] },
  settings: Pick<RunSettings, 'nonFinite' | 'spike'>,
): Verdict | undefined {
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
    return { trouble: 'not finite', action: settings.nonFinite };
  const window = before.slice(-spikeWindow);
  if (step <= firstSteps || window.length < spikeWindow) return undefined;
  const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
  const variance = window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / window.length;
  const deviations = (loss - mean) / Math.sqrt(variance);
  if (deviations > spikeDeviations) return { trouble: 'spike', action: settings.spike, deviations };
  return undefined;
}
