// The largest sets of documents that dedup joined, for the data card: how many they are, from which sources, and how the
// first of them begin. Whether they are duplicates or a fault of the sources is for the reader to see.

import { createRecord, type Row } from '@gristmill/core';
import { openPart, partitionOf } from '@gristmill/shards';
import { tablePart, type OpenBuild } from './build-documents.ts';
import { number } from './card-text.ts';
import { acquireStep } from './steps.ts';

/** Clusters that are shown, documents of each that are quoted, and those whose source is looked up. */
const [shownClusters, quoted, looked] = [10, 3, 200];
const excerptLength = 160;

export interface LargeCluster {
  /** Its least id. */
  readonly component: string;
  readonly documents: number;
  readonly kept: number;
  /** Source → documents, of at most 200. */
  readonly sources: Readonly<Record<string, number>>;
  readonly quotes: readonly { readonly id: string; readonly kept: boolean; readonly excerpt: string }[];
}

/** Of more documents first. Memory: the ids of at most 200 documents of ten clusters. */
export async function largestClusters(build: OpenBuild): Promise<LargeCluster[]> {
  let top: Component[] = [];
  for (const entry of build.state.tables.get('dedup/clusters') ?? []) {
    if (entry.rows === 0) continue;
    let open: Component | undefined;
    for await (const { keys, columns } of openPart(build.store, entry).batches(['id'])) {
      for (const [i, component] of keys.entries()) {
        if (open?.component !== component) {
          top = rank(top, open);
          open = { component, documents: 0, ids: [] };
        }
        open.documents++;
        if (open.ids.length < looked) open.ids.push(columns.id[i] as string);
      }
    }
    top = rank(top, open);
  }
  const clusters: LargeCluster[] = [];
  for (const component of top) clusters.push(await describe(build, component));
  return clusters;
}

interface Component {
  readonly component: string;
  documents: number;
  readonly ids: string[];
}

function rank(top: Component[], next: Component | undefined): Component[] {
  if (!next || next.documents < 2) return top;
  const last = top.at(-1);
  if (top.length === shownClusters && last && last.documents >= next.documents) return top;
  return [...top, next]
    .sort((a, b) => b.documents - a.documents || (a.component < b.component ? -1 : 1))
    .slice(0, shownClusters);
}

async function describe(build: OpenBuild, { component, documents, ids }: Component): Promise<LargeCluster> {
  const sources = createRecord<number>();
  for (const row of await rowsOf(build, acquireStep, ids, ['sourceName']))
    sources[String(row.sourceName)] = (sources[String(row.sourceName)] ?? 0) + 1;
  const decisions = await rowsOf(build, 'select/decisions', ids, ['keep']);
  const kept = new Set(decisions.filter(({ keep }) => keep === true).map(({ id }) => id));
  const first = [...ids].sort((a, b) => Number(kept.has(b)) - Number(kept.has(a)) || (a < b ? -1 : 1));
  const textStep = build.rowSteps.findLast((step) => hasText(build, step));
  const texts = new Map<string, string>();
  if (textStep !== undefined)
    for (const row of await rowsOf(build, textStep, first.slice(0, quoted), ['text']))
      texts.set(row.id, String(row.text ?? ''));
  const quotes = first
    .slice(0, quoted)
    .map((id) => ({ id, kept: kept.has(id), excerpt: excerptOf(texts.get(id) ?? '') }));
  return { component, documents, kept: kept.size, sources, quotes };
}

const hasText = (build: OpenBuild, step: string): boolean =>
  step !== acquireStep &&
  [...(build.state.rows.get(step)?.values() ?? [])].some(({ columns }) => columns.text !== undefined);

/** By code points, on one line. */
function excerptOf(text: string): string {
  const line = text
    .slice(0, excerptLength * 4)
    .replace(/\s+/g, ' ')
    .trim();
  const letters = Array.from(line);
  return letters.length > excerptLength ? `${letters.slice(0, excerptLength).join('')}…` : line;
}

/** Rows of some ids of a row-wise step or a table, wherever they lie. */
async function rowsOf(
  build: OpenBuild,
  table: string,
  ids: readonly string[],
  columns: readonly string[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [partition, own] of Map.groupBy(ids, (id) => partitionOf(id, build.partitions))) {
    const entry = build.state.rows.get(table)?.get(partition) ?? tablePart(build, table, partition);
    if (entry && entry.rows > 0) rows.push(...(await openPart(build.store, entry).get(own, columns)));
  }
  return rows;
}

/** For the card, under its duplicates: a list, each cluster with the beginnings of some of its documents. */
export function spellClusters(clusters: readonly LargeCluster[]): string {
  return clusters
    .map(({ documents, kept, sources, quotes }) => {
      const among = documents > looked ? ` of the first ${looked}` : '';
      const places = Object.entries(sources)
        .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
        .map(([source, count]) => `${source} ${number(count)}`);
      return [
        `- ${number(documents)} documents, ${number(kept)}${among} kept; sources: ${places.join(', ')}`,
        ...quotes.map(({ id, kept: stays, excerpt }) => {
          return `  - ${stays ? 'kept' : 'left out'} ${id}: \`${excerpt.replaceAll('`', "'")}\``;
        }),
      ].join('\n');
    })
    .join('\n');
}
