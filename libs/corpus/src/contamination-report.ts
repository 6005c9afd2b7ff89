// Which evaluation items stand in which documents of the newest build, by item.

import type { Row } from '@gristmill/core';
import { openPart } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { openBuild, partitionsOf, readColumns, readDocuments, type OpenBuild } from './build-documents.ts';
import { requireManifest } from './manifest.ts';

export interface ContaminatedItem {
  readonly set: string;
  readonly item: string;
  readonly documents: readonly ContaminatedDocument[];
}

export interface ContaminatedDocument {
  readonly id: string;
  readonly source: string;
  readonly url?: string;
  /** Undefined where the document is not kept. */
  readonly split?: string;
  /** In UTF-16 code units of the clean text. */
  readonly start: number;
  readonly end: number;
  readonly words: number;
  /** The beginning of what was found. */
  readonly excerpt: string;
}

const excerptLength = 120;

type Hit = { set: string; item: string; start: number; end: number; words: number };

/** Sorted by set, then by the number of documents, then by item. */
export async function contaminationReport(store: Store): Promise<ContaminatedItem[]> {
  const build = await openBuild(store, await requireManifest(store));
  const items = new Map<string, { set: string; item: string; documents: ContaminatedDocument[] }>();
  for (const partition of partitionsOf(build)) {
    const hits = await hitsOf(build, partition);
    if (hits.size === 0) continue;
    const documents = await readDocuments(build, partition);
    const texts = await textsOf(build, partition, [...hits.keys()]);
    for (const [id, own] of hits) {
      for (const { set, item, start, end, words } of own) {
        const key = JSON.stringify([set, item]);
        const entry = items.get(key) ?? { set, item, documents: [] };
        items.set(key, entry);
        const { source, url, split } = documents.get(id)!;
        const excerpt = (texts.get(id) ?? '').slice(start, Math.min(end, start + excerptLength));
        entry.documents.push({ id, source, url, split, start, end, words, excerpt });
      }
    }
  }
  return [...items.values()].sort(
    (a, b) => compare(a.set, b.set) || b.documents.length - a.documents.length || compare(a.item, b.item),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function hitsOf(build: OpenBuild, partition: number): Promise<Map<string, Hit[]>> {
  const rows = await readColumns(build, lastPart(build, partition, 'contamination'), ['contamination']);
  const found = [...rows].flatMap(([id, { contamination }]) =>
    Array.isArray(contamination) ? [[id, contamination as Hit[]] as const] : [],
  );
  return new Map(found);
}

async function textsOf(build: OpenBuild, partition: number, ids: string[]): Promise<Map<string, string>> {
  const part = lastPart(build, partition, 'text');
  const rows: Row[] = part ? await openPart(build.store, part).get(ids.sort(), ['text']) : [];
  return new Map(rows.map(({ id, text }) => [id, typeof text === 'string' ? text : '']));
}

/** The part of the last row-wise step that writes a column. */
function lastPart(build: OpenBuild, partition: number, column: string) {
  const parts = build.rowSteps.map((step) => build.state.rows.get(step)?.get(partition));
  return parts.findLast((part) => part?.columns[column] !== undefined);
}
