// What differs between two builds: documents and tokens gained and lost, by reason, domain, language and source, and
// documents that changed split. Partitions whose deciding parts are the same files are not opened.

import type { Store } from '@gristmill/storage';
import {
  decidingParts,
  openBuild,
  partitionsOf,
  readDocuments,
  type BuiltDocument,
  type OpenBuild,
} from './build-documents.ts';
import { requireManifest } from './manifest.ts';

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
  const splits: Record<string, Tally> = {};
  let changedSplit = 0;
  for (const partition of new Set([...partitionsOf(a), ...partitionsOf(b)])) {
    if (decidingParts(a, partition).join() === decidingParts(b, partition).join()) continue;
    const [before, after] = [await readDocuments(a, partition), await readDocuments(b, partition)];
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

type MutableSide = Tally & { by: Record<'reason' | 'domain' | 'language' | 'source', Record<string, Tally>> };

function createSide(): MutableSide {
  return { documents: 0, tokens: 0, bytes: 0, by: { reason: {}, domain: {}, language: {}, source: {} } };
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

async function tokensPerByte(build: OpenBuild): Promise<number> {
  let [tokens, bytes] = [0, 0];
  for (const partition of partitionsOf(build)) {
    for (const document of (await readDocuments(build, partition)).values()) {
      tokens += document.tokens ?? 0;
      if (document.tokens) bytes += document.bytes;
    }
  }
  return bytes === 0 ? 0 : tokens / bytes;
}
