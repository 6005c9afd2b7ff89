// How large the steps are. Without a ramp each takes as many rows of as many tokens as the others. A ramp is a table:
// from a step on, so many rows of so many tokens. Rows are always packed at the greatest length L; shorter ones are equal
// parts of them, so what a step sees stays arithmetic: step n begins at slot Σ rows·length of the steps before, and slot s
// is token s mod L of row ⌊s / L⌋ of the training. Where a longer row begins, the rest of the row before it is passed by.

import { DataError } from '@gristmill/core';

/** From a step (from 0) until the next entry. */
export interface RampPhase {
  readonly fromStep: number;
  /** Divides the loader's. */
  readonly sequenceLength: number;
  /** Over all ranks. */
  readonly globalBatchSize: number;
}

export interface StepShape {
  readonly sequenceLength: number;
  readonly globalBatchSize: number;
}

/** Where a step lies, in slots of the training. */
export interface StepSlots extends StepShape {
  readonly first: number;
  readonly end: number;
}

export interface Ramp {
  /** The greatest, at which rows are packed. */
  readonly sequenceLength: number;
  at(step: number): StepSlots;
  /** The step that sees a slot; undefined for one that is passed by. */
  stepOf(slot: number): number | undefined;
  /** Steps until so many slots are over. */
  stepsWithin(slots: number): number;
}

/** @throws DataError `loader-option` for a table that cannot be followed */
export function createRamp(shape: StepShape, table: readonly RampPhase[] = []): Ramp {
  const { sequenceLength } = shape;
  const rising = [{ fromStep: 0, ...shape }, ...table].filter((_, i) => i > 0 || table[0]?.fromStep !== 0);
  checkTable(rising, sequenceLength);
  const starts = [0];
  rising.slice(1).forEach(({ fromStep, sequenceLength: length }, i) => {
    const before = starts[i] + (fromStep - rising[i].fromStep) * slotsOf(rising[i]);
    starts.push(Math.ceil(before / length) * length);
  });
  const at = (step: number): StepSlots => {
    const phase = rising.findLastIndex(({ fromStep }) => fromStep <= step);
    const { fromStep, sequenceLength: length, globalBatchSize } = rising[phase];
    const first = starts[phase] + (step - fromStep) * slotsOf(rising[phase]);
    return { first, end: first + slotsOf(rising[phase]), sequenceLength: length, globalBatchSize };
  };
  return {
    sequenceLength,
    at,
    stepOf(slot) {
      const phase = starts.findLastIndex((start) => start <= slot);
      const step = rising[phase].fromStep + Math.floor((slot - starts[phase]) / slotsOf(rising[phase]));
      return phase + 1 < rising.length && step >= rising[phase + 1].fromStep ? undefined : step;
    },
    stepsWithin(slots) {
      if (slots === Infinity) return Infinity;
      let [low, high] = [0, 1];
      while (at(high).first < slots) high *= 2;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (at(middle).first < slots) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

const slotsOf = ({ sequenceLength, globalBatchSize }: StepShape) => sequenceLength * globalBatchSize;

function checkTable(phases: readonly RampPhase[], greatest: number): void {
  const wrong = (what: string) =>
    new DataError('loader-option', `the loader cannot be opened: ${what}`, 'correct its ramp');
  phases.forEach(({ fromStep, sequenceLength, globalBatchSize }, i) => {
    const numbers = [fromStep, sequenceLength, globalBatchSize];
    if (!numbers.every((number) => Number.isSafeInteger(number)) || sequenceLength < 1 || globalBatchSize < 1)
      throw wrong(`its ramp has ${JSON.stringify(phases[i])}`);
    if (i > 0 && fromStep <= phases[i - 1].fromStep) throw wrong('the steps of its ramp do not rise');
    if (greatest % sequenceLength !== 0)
      throw wrong(`sequenceLength ${sequenceLength} of its ramp does not divide ${greatest}`);
  });
}
