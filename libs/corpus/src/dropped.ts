// Documents that were left out, each with the rule, value and threshold that decided; and what each source lost to what.

import { DataError } from '@gristmill/core';
import { openPart } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { openBuild, partitionsOf, readDocuments, tablePart, type OpenBuild } from './build-documents.ts';
import { decidingRules } from './deciding-rules.ts';
import { requireManifest } from './manifest.ts';
import { placesOf, readOutcomes, type Outcome } from './outcome.ts';
import { describeOutcome, describeThreshold } from './outcome-words.ts';
import { acquireStep } from './steps.ts';

export interface DroppedDocument extends Outcome {
  readonly id: string;
  readonly place: string;
  readonly source: string;
  readonly kind: string;
  readonly url?: string;
  /** UTF-8 bytes of the item. */
  readonly bytes: number;
  /** What became of it, in one sentence. */
  readonly summary: string;
}

export interface DroppedRequest {
  /** `gopher_short_doc`, `select: gopher_short_doc`, the rule `minWords`, or its option. */
  readonly reason?: string;
  readonly source?: string;
}

/**
 * By id, so that the first so many are a sample: ids are hashes.
 * @throws DataError `nothing-dropped-so`, at the end, where nothing fits what was asked for
 */
export async function* droppedDocuments(
  store: Store,
  request: DroppedRequest = {},
): AsyncGenerator<DroppedDocument> {
  const build = await openBuild(store, await requireManifest(store));
  const seen = { reasons: new Set<string>(), sources: new Set<string>() };
  let found = 0;
  for (const partition of partitionsOf(build)) {
    const documents = [...(await readDocuments(build, partition)).values()].filter(({ kept }) => !kept);
    for (const { source } of documents) seen.sources.add(source);
    const wanted = documents.filter(({ source }) => (request.source ?? source) === source);
    const outcomes = await readOutcomes(build, partition, wanted);
    const fitting = wanted.filter(({ id }) => hasReason(outcomes.get(id)!, request.reason));
    for (const { reason } of outcomes.values()) seen.reasons.add(reason!);
    const places = await placesOf(
      build,
      fitting.map(({ id }) => id),
    );
    for (const { id, source, kind, url, bytes } of fitting.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const outcome = outcomes.get(id)!;
      const facts = {
        id,
        place: places.get(id) ?? id,
        source,
        kind,
        ...(url !== undefined && { url }),
        bytes,
      };
      found++;
      yield { ...facts, ...outcome, summary: describeOutcome(outcome) };
    }
  }
  if (found === 0 && (request.reason ?? request.source) !== undefined) throw nothingSo(request, seen);
}

function hasReason({ stage, reason, rule, option }: Outcome, wanted: string | undefined): boolean {
  return wanted === undefined || [reason, `${stage}: ${reason}`, rule, option].includes(wanted);
}

function nothingSo(
  { reason, source }: DroppedRequest,
  seen: { readonly reasons: ReadonlySet<string>; readonly sources: ReadonlySet<string> },
): DataError {
  const of = source === undefined ? '' : ` of source ${source}`;
  const isSource = source !== undefined && !seen.sources.has(source);
  const names = [...(isSource ? seen.sources : seen.reasons)].sort().join(', ') || 'none';
  return new DataError(
    'nothing-dropped-so',
    `no document${of} was left out${reason === undefined ? '' : ` for ${reason}`}`,
    isSource ? `sources that lost some: ${names}` : `reasons that there are: ${names}`,
  );
}

/** What one source lost to one reason; rule and threshold where a policy's rule stands behind it. */
export interface Loss extends Outcome {
  readonly documents: number;
  /** Step, and rule with its threshold: `select: gopher, duplicated 5-grams > .15`. */
  readonly summary: string;
}

export interface SourceLosses {
  readonly source: string;
  readonly kind: string;
  readonly documents: number;
  readonly kept: number;
  /** Most documents first. */
  readonly losses: readonly Loss[];
}

/** Of every source. One walk over ids, names and verdicts: no text, no signal is read. */
export async function sourceLosses(build: OpenBuild): Promise<SourceLosses[]> {
  const sources = new Map<string, { kind: string; documents: number; drops: Map<string, number> }>();
  for (const partition of partitionsOf(build)) {
    const dropped = await dropsOf(build, partition);
    const acquired = build.state.rows.get(acquireStep)?.get(partition);
    if (!acquired || acquired.rows === 0) continue;
    for await (const { keys, columns } of openPart(build.store, acquired).batches([
      'sourceName',
      'sourceKind',
    ])) {
      for (const [row, id] of keys.entries()) {
        const name = columns.sourceName[row] as string;
        const kind = columns.sourceKind[row] as string;
        let tally = sources.get(name);
        if (!tally) sources.set(name, (tally = { kind, documents: 0, drops: new Map() }));
        tally.documents++;
        const drop = dropped.get(id);
        if (drop !== undefined) tally.drops.set(drop, (tally.drops.get(drop) ?? 0) + 1);
      }
    }
  }
  const rules = decidingRules(build);
  return [...sources].map(([source, { kind, documents, drops }]) => {
    const losses = [...drops].map(([drop, amount]): Loss => {
      const [stage, reason] = JSON.parse(drop) as [string, string];
      const [rule] = stage === 'select' ? rules.of(kind, reason) : [];
      const threshold = stage === 'dedup' ? rules.duplicateThreshold(reason) : undefined;
      const outcome: Outcome = { kept: false, stage, reason, ...rule, ...threshold };
      return { ...outcome, documents: amount, summary: `${stage}: ${describeThreshold(outcome)}` };
    });
    const lost = losses.reduce((sum, loss) => sum + loss.documents, 0);
    losses.sort((a, b) => b.documents - a.documents || (a.reason! < b.reason! ? -1 : 1));
    return { source, kind, documents, kept: documents - lost, losses };
  });
}

/** Id → [stage, reason] as JSON, of the documents of a partition that are left out. */
async function dropsOf(build: OpenBuild, partition: number): Promise<Map<string, string>> {
  const dropped = new Map<string, string>();
  const decisions = tablePart(build, 'select/decisions', partition);
  if (decisions && decisions.rows > 0) {
    for await (const { keys, columns } of openPart(build.store, decisions).batches(['stage', 'reason']))
      for (const [row, id] of keys.entries())
        if (columns.reason[row] !== undefined)
          dropped.set(id, JSON.stringify([columns.stage[row], columns.reason[row]]));
  }
  for (const step of [...build.rowSteps].reverse()) {
    const part = build.state.rows.get(step)?.get(partition);
    if (!part || part.rows === 0 || part.columns.verdict === undefined) continue;
    for await (const { keys, columns } of openPart(build.store, part).batches(['verdict'])) {
      for (const [row, id] of keys.entries()) {
        const verdict = columns.verdict[row] as { stage: string; reason: string } | undefined;
        if (verdict !== undefined) dropped.set(id, JSON.stringify([verdict.stage, verdict.reason]));
      }
    }
  }
  return dropped;
}
