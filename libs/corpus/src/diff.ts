// What differs between two builds: documents and tokens gained and lost, by reason, domain, language and source, and
// documents that changed split. Partitions whose deciding parts are the same files are not opened.

import { createRecord } from '@gristmill/core';
import { openPart } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import {
  decidingParts,
  openBuild,
  partitionsOf,
  readColumns,
  readDocuments,
  tablePart,
  type BuiltDocument,
  type OpenBuild,
} from './build-documents.ts';
import { requireManifest } from './manifest.ts';
import { acquireStep } from './steps.ts';

export interface Tally {
  documents: number;
  tokens: number;
  bytes: number;
}

export interface SideTally extends Tally {
  /** `reason` tells why a document is kept only on the other side. */
  readonly by: Readonly<Record<'reason' | 'domain' | 'language' | 'source', Readonly<Record<string, Tally>>>>;
}

export interface BuildDiff {
  readonly from: string;
  readonly to: string;
  readonly gained: SideTally;
  readonly lost: SideTally;
  /** Documents kept in both that changed split. */
  readonly changedSplit: number;
  /** `train → validation` → what moved so. */
  readonly splits: Readonly<Record<string, Tally>>;
  /** True when the newer build has no tokens yet: they are estimated from bytes. */
  readonly tokensEstimated: boolean;
}

export async function diffBuilds(store: Store, from: string, to: string): Promise<BuildDiff> {
  const [a, b] = [await requireManifest(store, from), await requireManifest(store, to)];
  return diffOpen(await openBuild(store, a), await openBuild(store, b));
}

export async function diffOpen(a: OpenBuild, b: OpenBuild): Promise<BuildDiff> {
  const sides = { gained: createSide(), lost: createSide() };
  const tokensEstimated = !b.state.tables.has('pack/documents');
  const perByte = tokensEstimated ? await tokensPerByte(a) : 0;
  const splits = createRecord<Tally>();
  let changedSplit = 0;
  for (const partition of new Set([...partitionsOf(a), ...partitionsOf(b)])) {
    if (decidingParts(a, partition).join() === decidingParts(b, partition).join()) continue;
    const ids = await changedIds(a, b, partition);
    const [before, after] = [await readDocuments(a, partition, ids), await readDocuments(b, partition, ids)];
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(id), after.get(id)];
      if (now?.kept && !old?.kept) addTo(sides.gained, now, old?.reason ?? 'new', perByte);
      else if (old?.kept && !now?.kept) addTo(sides.lost, old, now?.reason ?? 'source: gone', perByte);
      else if (old?.kept && now && old.split !== now.split) {
        changedSplit++;
        const way = `${old.split ?? '-'} → ${now.split ?? '-'}`;
        tally((splits[way] ??= { documents: 0, tokens: 0, bytes: 0 }), old, perByte);
      }
    }
  }
  return { from: a.manifest.build, to: b.manifest.build, ...sides, changedSplit, splits, tokensEstimated };
}

/** Documents whose decision may not be what it was; undefined where they are so many that all are read. */
async function changedIds(a: OpenBuild, b: OpenBuild, partition: number): Promise<string[] | undefined> {
  if (a.state.tables.has('select/decisions') !== b.state.tables.has('select/decisions')) return undefined;
  const partsOf = (build: OpenBuild, step: string) => build.state.rows.get(step)?.get(partition);
  const pairs = [...new Set([...a.rowSteps, ...b.rowSteps])].map(
    (step) => [partsOf(a, step), partsOf(b, step), ['verdict']] as const,
  );
  const [old, now] = [a, b].map((build) => tablePart(build, 'select/decisions', partition));
  const ids = new Set<string>();
  for (const [before, after, columns] of [...pairs, [old, now, ['keep', 'split', 'reason']] as const]) {
    const [from, to] = [before && openPart(a.store, before), after && openPart(b.store, after)];
    if (!from || !to)
      for await (const { keys } of (from ?? to)?.batches([]) ?? []) keys.forEach((id) => ids.add(id));
    else for await (const { key } of to.changes(from, columns)) ids.add(key);
  }
  const rows = partsOf(b, acquireStep)?.rows ?? 0;
  return ids.size * 8 < rows ? [...ids] : undefined;
}

type MutableSide = Tally & { by: Record<'reason' | 'domain' | 'language' | 'source', Record<string, Tally>> };

function createSide(): MutableSide {
  const by = {
    reason: createRecord<Tally>(),
    domain: createRecord<Tally>(),
    language: createRecord<Tally>(),
    source: createRecord<Tally>(),
  };
  return { documents: 0, tokens: 0, bytes: 0, by };
}

function tally(sums: Tally, { tokens, bytes }: BuiltDocument, perByte: number): void {
  sums.documents++;
  sums.tokens += tokens ?? Math.round(bytes * perByte);
  sums.bytes += bytes;
}

function addTo(side: MutableSide, document: BuiltDocument, reason: string, perByte: number): void {
  const names = {
    reason,
    domain: document.domain ?? '-',
    language: document.language ?? '-',
    source: document.source,
  };
  tally(side, document, perByte);
  for (const [kind, name] of Object.entries(names) as [keyof typeof names, string][]) {
    tally((side.by[kind][name] ??= { documents: 0, tokens: 0, bytes: 0 }), document, perByte);
  }
}

/** Over the documents that have tokens. */
export async function tokensPerByte(build: OpenBuild): Promise<number> {
  let [tokens, bytes] = [0, 0];
  for (const partition of partitionsOf(build)) {
    const packed = await readColumns(build, tablePart(build, 'pack/documents', partition), ['count']);
    const acquired = build.state.rows.get(acquireStep)?.get(partition);
    if (packed.size === 0 || !acquired) continue;
    for await (const { keys, columns } of openPart(build.store, acquired).batches(['size'])) {
      for (const [i, id] of keys.entries()) {
        const document = packed.get(id);
        if (!document) continue;
        tokens += (document.count as number) + 1;
        bytes += columns.size[i] as number;
      }
    }
  }
  return bytes === 0 ? 0 : tokens / bytes;
}
