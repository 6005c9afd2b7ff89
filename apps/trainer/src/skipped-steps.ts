// Steps that a run passes by: asked for by --skip-steps, or found unsound under the policy `rewind`. skips.jsonl holds
// them, so that the run is the same when it is resumed: their samples are never trained on.

import { DataError } from '@gristmill/core';
import type { Store } from '@gristmill/storage';

/** A line of skips.jsonl: steps from … to, both included. */
export interface SkippedSteps {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

const file = 'skips.jsonl';

export async function readSkippedSteps(run: Store): Promise<SkippedSteps[]> {
  if ((await run.stat(file)) === undefined) return [];
  const lines = new TextDecoder()
    .decode(await run.read(file))
    .trim()
    .split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SkippedSteps);
}

/** Adds steps, once. */
export async function recordSkippedSteps(run: Store, skipped: SkippedSteps): Promise<SkippedSteps[]> {
  const known = await readSkippedSteps(run);
  const isKnown = known.some(({ from, to }) => from === skipped.from && to === skipped.to);
  const all = isKnown ? known : [...known, skipped];
  if (!isKnown) await run.replace(file, all.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return all;
}

export function findSkip(skips: readonly SkippedSteps[], step: number): SkippedSteps | undefined {
  return skips.find(({ from, to }) => from <= step && step <= to);
}

/**
 * `A-B`, both included, both still to come.
 * @param done steps done already
 * @throws DataError `wrong-option`
 */
export function parseSteps(text: string, done: number, steps: number): Pick<SkippedSteps, 'from' | 'to'> {
  const [, from, to] = (/^(\d+)-(\d+)$/.exec(text) ?? []).map(Number);
  if (from > done && to >= from && to <= steps) return { from, to };
  throw new DataError(
    'wrong-option',
    `--skip-steps cannot be ${text}`,
    `write first-last, from ${done + 1} to ${steps}`,
  );
}
