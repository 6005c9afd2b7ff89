// The funnel: what went into each step and what came out, from the markers' counts, with what this run had to do.

import type { Verdict } from '@gristmill/core';
import { openPart, sumCounts, type Counts } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import type { BuildOutcome } from './build.ts';
import { consentReasons } from './empty-sources.ts';
import type { Marker } from './marker.ts';
import { acquireStep } from './steps.ts';

export interface FunnelRow {
  readonly step: string;
  readonly documentsIn: number;
  readonly documentsOut: number;
  /** UTF-8 bytes of text (of items, for acquire). */
  readonly bytesOut: number;
  readonly tokensOut?: number;
  /** Reason → documents. */
  readonly drops: Readonly<Record<string, number>>;
  readonly computedRows: number;
  readonly reusedRows: number;
  readonly seconds: number;
  /** Everything that the step counted. */
  readonly counts: Counts;
}

export function makeFunnel(outcome: Pick<BuildOutcome, 'steps' | 'markers' | 'effort'>): FunnelRow[] {
  const names = [acquireStep, ...outcome.steps.map((step) => step.name)];
  return names
    .filter((step) => outcome.effort[step] !== undefined)
    .map((step) => {
      const counts = sumCounts(outcome.markers.filter((marker) => marker.step === step));
      const { computed, reused, seconds } = outcome.effort[step];
      return {
        step,
        documentsIn: counts.documentsIn ?? 0,
        documentsOut: counts.documentsOut ?? 0,
        bytesOut: counts.bytesOut ?? 0,
        tokensOut: counts.tokensOut ?? counts.tokens,
        drops: dropsOf(counts),
        computedRows: computed,
        reusedRows: reused,
        seconds: Math.round(seconds * 1000) / 1000,
        counts,
      };
    });
}

function dropsOf(counts: Counts): Record<string, number> {
  const drops = Object.entries(counts).filter(([name]) => name.startsWith('drop.'));
  return Object.fromEntries(drops.map(([name, amount]) => [name.slice('drop.'.length), amount]));
}

/** Share of the acquired documents that row-wise steps found unusable; what sites refuse is not among them. */
export function droppedShare(outcome: Pick<BuildOutcome, 'steps' | 'markers'>): number {
  const rowSteps = new Set([
    acquireStep,
    ...outcome.steps.flatMap((step) => (step.kind === 'row' ? [step.name] : [])),
  ]);
  let acquired = 0;
  let dropped = 0;
  for (const { step, phase, counts } of outcome.markers) {
    if (step === acquireStep) acquired += counts.documentsIn ?? 0;
    if (phase === undefined && rowSteps.has(step)) {
      for (const [reason, amount] of Object.entries(dropsOf(counts)))
        if (!consentReasons.has(reason)) dropped += amount;
    }
  }
  return acquired === 0 ? 0 : dropped / acquired;
}

export interface UnreadableFile {
  readonly source: string;
  /** Below the source's root. */
  readonly file: string;
  readonly reason: string;
}

/** Verdicts of acquire on a file as a whole. */
const unreadable = ['unreadable', 'damaged', 'encrypted', 'truncated', 'bad-gzip'];

/** Files of which acquire could make nothing, the first by source and path, and how many there are. Opens only parts that count some. */
export async function unreadableFiles(
  store: Store,
  markers: readonly Marker[],
  most = 5,
): Promise<{ files: UnreadableFile[]; count: number }> {
  const found = new Map<string, UnreadableFile>();
  for (const { step, parts, counts } of markers) {
    if (step !== acquireStep || !unreadable.some((reason) => (counts[`drop.${reason}`] ?? 0) > 0)) continue;
    for await (const row of openPart(store, parts[0]).readRows(['sourceName', 'file', 'path', 'verdict'])) {
      const reason = (row.verdict as unknown as Verdict | undefined)?.reason;
      if (reason === undefined || !unreadable.includes(reason)) continue;
      const [source, file] = [String(row.sourceName), String(row.file || row.path)];
      found.set(`${source}/${file}`, { source, file, reason });
    }
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  return { files: sorted.slice(0, most), count: sorted.length };
}
