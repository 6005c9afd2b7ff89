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
  readonly changedSplit: number;
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
  let changedSplit = 0;
  for (const partition of new Set([...partitionsOf(a), ...partitionsOf(b)])) {
    if (decidingParts(a, partition).join() === decidingParts(b, partition).join()) continue;
    const [before, after] = [await readDocuments(a, partition), await readDocuments(b, partition)];
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(id), after.get(id)];
      if (now?.kept && !old?.kept) addTo(sides.gained, now, old?.reason ?? 'new', perByte);
      else if (old?.kept && !now?.kept) addTo(sides.lost, old, now?.reason ?? 'source: gone', perByte);
      else if (old?.kept && old.split !== now?.split) changedSplit++;
    }
  }
  return { from: a.manifest.build, to: b.manifest.build, ...sides, changedSplit, tokensEstimated };
}

type MutableSide = Tally & { by: Record<'reason' | 'domain' | 'language' | 'source', Record<string, Tally>> };

function createSide(): MutableSide {
  return { documents: 0, tokens: 0, bytes: 0, by: { reason: {}, domain: {}, language: {}, source: {} } };
}

function addTo(side: MutableSide, document: BuiltDocument, reason: string, perByte: number): void {
  const tokens = document.tokens ?? Math.round(document.bytes * perByte);
  const add = (tally: Tally) => {
    tally.documents++;
    tally.tokens += tokens;
    tally.bytes += document.bytes;
  };
  const names = {
    reason,
    domain: document.domain ?? '-',
    language: document.language ?? '-',
    source: document.source,
  };
  add(side);
  for (const [kind, name] of Object.entries(names) as [keyof typeof names, string][]) {
    add((side.by[kind][name] ??= { documents: 0, tokens: 0, bytes: 0 }));
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
