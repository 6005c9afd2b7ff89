// What patches changed, told from thread to thread: a task is called with what is known of the parts that it reads, and
// gives back what it knows of those that it wrote. Without it the parts would be compared, to the same result.

import { changesOf, rememberChanges, type PartChanges } from '@gristmill/shards';
import type { BoundInput } from './phase-task.ts';

export interface Told {
  readonly known: readonly PartChanges[];
}

export interface Telling<Outcome> {
  readonly outcome: Outcome;
  readonly learned: readonly PartChanges[];
}

interface Written {
  readonly parts: readonly { readonly sha256: string }[];
}

/** A job that is told and tells. @param writtenOf markers of what it wrote */
export function telling<Call extends Told, Outcome>(
  run: (call: Call) => Promise<Outcome>,
  writtenOf: (outcome: Outcome) => readonly Written[],
): (call: Call) => Promise<Telling<Outcome>> {
  return async (call) => {
    call.known.forEach(rememberChanges);
    const outcome = await run(call);
    return { outcome, learned: changesOf(digestsOf(writtenOf(outcome).flatMap(({ parts }) => parts))) };
  };
}

/** Outcomes of such a job, in order, with what they tell taken over. */
export async function* takeTold<Outcome>(outcomes: AsyncIterable<Telling<Outcome>>): AsyncGenerator<Outcome> {
  for await (const { outcome, learned } of outcomes) {
    learned.forEach(rememberChanges);
    yield outcome;
  }
}

/** What is known of some parts. */
export function tellOf(parts: readonly { readonly sha256: string }[]): PartChanges[] {
  return changesOf(digestsOf(parts));
}

export function partsOfInputs(inputs: readonly BoundInput[]): { readonly sha256: string }[] {
  return inputs.flatMap((input) =>
    input.kind === 'table'
      ? [...input.parts]
      : input.parts.flatMap(({ sources }) => sources.flatMap(({ entry }) => entry ?? [])),
  );
}

function digestsOf(parts: readonly { readonly sha256: string }[]): Set<string> {
  return new Set(parts.map(({ sha256 }) => sha256));
}
