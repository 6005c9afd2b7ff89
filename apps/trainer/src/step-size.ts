// How large each step is: as the settings say, or by tables of a step and what holds from it on. Everything follows from
// the settings and the number of the step, as the loader's ramp does.

import { DataError, type JsonObject } from '@gristmill/core';
import type { Objective } from '@gristmill/models';
import type { LoaderOptions } from '@gristmill/shards';
import type { RunSettings } from './setting-schema.ts';

export interface StepSize {
  /** Tokens of a sequence. */
  readonly sequenceLength: number;
  /** Micro-batches. */
  readonly gradAccumSteps: number;
}

/** What sizes follow from. */
export type SizeSettings = Pick<RunSettings, 'sequenceLength' | 'microBatchSize' | 'gradAccumSteps'> &
  Partial<Pick<RunSettings, 'batchRamp' | 'lengthRamp'>>;

interface Phase extends StepSize {
  /** From 1. */
  readonly fromStep: number;
}

/** The shortest sequences that a run has. */
export const shortestLength = (settings: SizeSettings): number =>
  Math.min(...phasesOf(settings).map(({ sequenceLength }) => sequenceLength));

/** The phases of a run; one without ramps. */
function phasesOf(settings: SizeSettings): readonly Phase[] {
  const { sequenceLength, microBatchSize, gradAccumSteps, batchRamp = {}, lengthRamp = {} } = settings;
  const starts = [1, ...[batchRamp, lengthRamp].flatMap((table) => Object.keys(table).map(Number))];
  return [...new Set(starts)]
    .sort((a, b) => a - b)
    .map((fromStep) => ({
      fromStep,
      sequenceLength: valueAt(lengthRamp, fromStep) ?? sequenceLength,
      gradAccumSteps: (valueAt(batchRamp, fromStep) ?? microBatchSize * gradAccumSteps) / microBatchSize,
    }));
}

/** What a table says from its last step at or before this one on. */
function valueAt(table: JsonObject, step: number): number | undefined {
  const steps = Object.keys(table).map(Number);
  const last = Math.max(...steps.filter((from) => from <= step));
  return table[String(last)] as number | undefined;
}

/** @param step from 1 */
export function sizeOfStep(settings: SizeSettings, step: number): StepSize {
  const { sequenceLength, gradAccumSteps } = phasesOf(settings).findLast(({ fromStep }) => fromStep <= step)!;
  return { sequenceLength, gradAccumSteps };
}

const tokensOf = ({ microBatchSize }: SizeSettings, { sequenceLength, gradAccumSteps }: StepSize) =>
  microBatchSize * gradAccumSteps * sequenceLength;

/** Tokens of a step, from 1. */
export function tokensOfStep(settings: SizeSettings, step: number): number {
  return tokensOf(settings, sizeOfStep(settings, step));
}

/** Tokens of all steps up to and with this one. */
export function tokensUntil(settings: SizeSettings, step: number): number {
  const phases = phasesOf(settings);
  return phases.reduce((sum, phase, i) => {
    const end = Math.min(step, (phases[i + 1]?.fromStep ?? Infinity) - 1);
    return sum + Math.max(0, end - phase.fromStep + 1) * tokensOf(settings, phase);
  }, 0);
}

/**
 * The ramp of the loader, whose steps count from 0; undefined where all steps are as large.
 * @param sampleLengthAt tokens of the loader's row for a sequence
 */
export function loaderRamp(
  settings: SizeSettings,
  sampleLengthAt: Objective['sampleLengthAt'] = (length) => length,
): LoaderOptions['ramp'] {
  const phases = phasesOf(settings);
  if (
    phases.length === 1 &&
    phases[0].gradAccumSteps === settings.gradAccumSteps &&
    phases[0].sequenceLength === settings.sequenceLength
  )
    return undefined;
  return phases.map(({ fromStep, sequenceLength, gradAccumSteps }) => ({
    fromStep: fromStep - 1,
    sequenceLength: sampleLengthAt(sequenceLength),
    globalBatchSize: settings.microBatchSize * gradAccumSteps,
  }));
}

/** @throws DataError `wrong-setting` for a table that cannot be followed */
export function checkRamps({ sequenceLength, microBatchSize, batchRamp, lengthRamp }: SizeSettings): void {
  checkTable('batchRamp', batchRamp, (size) =>
    size % microBatchSize === 0 ? undefined : `a multiple of microBatchSize ${microBatchSize}`,
  );
  checkTable('lengthRamp', lengthRamp, (length) =>
    sequenceLength % length === 0 ? undefined : `a divisor of sequenceLength ${sequenceLength}`,
  );
}

/** Sequences of most objectives that lay out their own rows have one length. @throws DataError `wrong-setting` */
export function checkRampFits(
  { lengthRamp = {} }: SizeSettings,
  { name, sampleLengthAt }: Pick<Objective, 'name' | 'sampleLengthAt'>,
): void {
  if (Object.keys(lengthRamp).length === 0 || sampleLengthAt !== undefined) return;
  throw new DataError(
    'wrong-setting',
    `lengthRamp is for objectives next-token and masked, not for ${name}`,
    'train at the first length in a run of its own, then give its model to --init-from',
  );
}

function checkTable(
  name: string,
  table: JsonObject | undefined,
  findFault: (value: number) => string | undefined,
): void {
  const wrong = (what: string, hint: string) =>
    new DataError('wrong-setting', `${name} cannot be ${what}`, hint);
  if (table === undefined) return;
  const entries = Object.entries(table);
  const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1;
  if (!entries.every(([step, value]) => isCount(Number(step)) && isCount(value)))
    throw wrong(JSON.stringify(table), 'it is a table of steps from 1 and counts, as {"1": 8, "1000": 16}');
  for (const [step, value] of entries) {
    const fault = findFault(value as number);
    if (fault !== undefined) throw wrong(`${JSON.stringify(value)} from step ${step} on`, `it is ${fault}`);
  }
}
