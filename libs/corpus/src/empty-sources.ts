// A source that gives no document is a mistake more often than a wish: a misspelt field, a wrong glob, a format that
// nobody reads. No build is published then, unless the source says `mayBeEmpty`. What was forgotten, what a site does
// not allow and what another source has too are no such mistake.

import { DataError, type Row, type Verdict } from '@gristmill/core';
import { openPart, type PartEntry } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import type { BuildState } from './build-state.ts';
import { explainEmpty } from './explain-empty.ts';
import type { RecipeSource } from './recipe.ts';
import { acquireStep } from './steps.ts';

/** What acquire found of a source. */
export interface SourceYield {
  readonly source: RecipeSource;
  readonly root: string;
  /** How many were chosen. */
  readonly files: number;
  /** True when its files had an item, whatever became of it. */
  readonly hadItems: boolean;
  /** Hosts of a crawl that asked to come back later. */
  readonly waitsFor: readonly string[];
}

/** What became of a source's items. */
export interface SourceTally {
  items: number;
  /** Not allowed by the site. */
  refused: number;
  /** Where no document was left, the step that the last one fell at. */
  step: string;
  /** Reason → items. */
  readonly reasons: Map<string, number>;
  /** File of one of them, below the root. */
  file?: string;
}

/** Verdicts by which a site refuses: consent, and no fault of the recipe. */
export const consentReasons: ReadonlySet<string> = new Set(['robots', 'noindex', 'tdm-reserved', 'consent']);

interface Work {
  readonly store: Store;
  readonly state: BuildState;
  readonly sources: readonly SourceYield[];
  /** The step that makes texts, where it has run. */
  readonly extract?: string;
}

/**
 * @returns sentences about sources that are empty for a good reason
 * @throws DataError `empty-source`; `crawl-waits` where all that is empty waits for a host
 */
export async function checkSources(work: Work): Promise<string[]> {
  const tallies = await tallyEmpty(work);
  const faults: { cause: string; hint?: string }[] = [];
  const waiting: string[] = [];
  const warnings: string[] = [];
  for (const { source, ...found } of work.sources) {
    const tally = tallies.get(source.name);
    if (!tally) continue;
    const excuse = excuseOf(tally, found.hadItems);
    if (found.waitsFor.length > 0) waiting.push(...found.waitsFor);
    else if (excuse !== undefined) warnings.push(`source ${source.name} has no document: ${excuse}`);
    else faults.push(await explainEmpty({ source, ...found }, tally));
  }
  if (faults.length > 0) throw emptySources(faults);
  if (waiting.length > 0) throw crawlWaits(waiting);
  return warnings;
}

function emptySources(faults: readonly { cause: string; hint?: string }[]): DataError {
  const hints = faults.flatMap(({ hint }) => hint ?? []);
  const hint = hints[0] ?? 'correct the source in the recipe';
  return new DataError(
    'empty-source',
    faults.map(({ cause }) => cause).join('; '),
    `${hint}; or say mayBeEmpty: true in a source that may have nothing. No build was published, the one before stands`,
  );
}

export function crawlWaits(hosts: readonly string[]): DataError {
  return new DataError(
    'crawl-waits',
    `the crawl waits for ${[...new Set(hosts)].join(', ')}, which asked to come back later or cannot be reached`,
    'run the same command again later: it goes on from here',
  );
}

function excuseOf({ items, refused, reasons }: SourceTally, hadItems: boolean): string | undefined {
  if (items === 0) return hadItems ? 'what it had is forgotten, or other sources have it too' : undefined;
  if (refused < items) return undefined;
  return `all ${items} items are refused by their sites (${[...reasons.keys()].join(', ')})`;
}

/** Tallies of the sources without a document; reads no further once each has shown one. */
async function tallyEmpty({ store, state, sources, extract }: Work): Promise<Map<string, SourceTally>> {
  const empty = new Map(
    sources
      .filter(({ source }) => !source.mayBeEmpty)
      .map(({ source }): [string, SourceTally] => [
        source.name,
        { items: 0, refused: 0, step: acquireStep, reasons: new Map() },
      ]),
  );
  for (const [partition, acquired] of state.rows.get(acquireStep) ?? []) {
    if (empty.size === 0) break;
    const extracted = extract === undefined ? undefined : state.rows.get(extract)?.get(partition);
    const fallen = await fallenIn(store, extracted);
    for await (const row of rowsOf(store, acquired, ['sourceName', 'file', 'verdict'])) {
      const name = String(row.sourceName);
      const tally = empty.get(name);
      const reason = (row.verdict as unknown as Verdict | undefined)?.reason ?? fallen.get(row.id);
      if (reason === undefined) empty.delete(name);
      else if (tally) count(tally, row, { reason, step: row.verdict === undefined ? extract! : acquireStep });
    }
  }
  return empty;
}

function count(tally: SourceTally, row: Row, { reason, step }: { reason: string; step: string }): void {
  tally.items++;
  if (consentReasons.has(reason)) tally.refused++;
  else tally.file ??= row.file as string | undefined;
  if (step !== acquireStep) tally.step = step;
  tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
}

/** Id → why the step refused it. */
async function fallenIn(store: Store, entry: PartEntry | undefined): Promise<Map<string, string>> {
  const fallen = new Map<string, string>();
  if (!entry) return fallen;
  for await (const { id, verdict } of rowsOf(store, entry, ['verdict']))
    if (verdict !== undefined) fallen.set(id, (verdict as unknown as Verdict).reason);
  return fallen;
}

async function* rowsOf(store: Store, entry: PartEntry, columns: readonly string[]): AsyncGenerator<Row> {
  if (entry.rows > 0) yield* openPart(store, entry).readRows(columns);
}
