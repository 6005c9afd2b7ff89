// The funnel: what went into each step and what came out, from the markers' counts, with what this run had to do.

import { sumCounts, type Counts } from '@gristmill/shards';
import type { BuildOutcome } from './build.ts';
import { consentReasons } from './empty-sources.ts';
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
