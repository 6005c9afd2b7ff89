// Gathers what the report shows: from the run's funnel, the corpus' tables and the training run's folder.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  openBuild,
  partitionsOf,
  readDocuments,
  readManifest,
  selectedDocuments,
  type BuiltDocument,
  type FunnelRow,
} from '@gristmill/corpus';
import { openPart } from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import type { Cluster, ClusterMember, LossPoint, ReportData } from './report-data.ts';

type CorpusPart = Pick<ReportData, 'build' | 'sources' | 'drops' | 'languages' | 'clusters'>;

/** What the tables of the newest build say. */
export async function describeCorpus(folder: string): Promise<CorpusPart> {
  const store = openDiskStore({ root: folder });
  try {
    const manifest = await readManifest(store);
    if (!manifest) throw new Error(`nothing is built in ${folder}`);
    const build = await openBuild(store, manifest);
    const documents: BuiltDocument[] = [];
    const removals: Removal[] = [];
    for (const partition of partitionsOf(build)) {
      documents.push(...(await readDocuments(build, partition)).values());
      const part = build.state.tables.get('select/decisions')?.find((entry) => entry.partition === partition);
      if (!part || part.rows === 0) continue;
      for await (const row of openPart(store, part).readRows(['witness', 'similarity'])) {
        if (row.witness !== undefined)
          removals.push({ id: row.id, witness: row.witness as string, similarity: row.similarity as number });
      }
    }
    return {
      build: manifest.build,
      sources: countSources(documents),
      drops: countDrops(documents),
      languages: tally(
        documents.filter(({ kept }) => kept),
        ({ language }) => language ?? 'unknown',
      ).map(([language, group]) => ({
        language,
        documents: group.length,
      })),
      clusters: await describeClusters(store, documents, removals),
    };
  } finally {
    await store.close();
  }
}

interface Removal {
  readonly id: string;
  readonly witness: string;
  readonly similarity: number;
}

/** Groups by name, largest first, then by name. */
function tally<T>(items: readonly T[], name: (item: T) => string): [string, T[]][] {
  return [...Map.groupBy(items, name)].sort(
    ([a, first], [b, second]) => second.length - first.length || (a < b ? -1 : 1),
  );
}

function countSources(documents: readonly BuiltDocument[]): ReportData['sources'] {
  return tally(documents, ({ source }) => source).map(([name, group]) => ({
    name,
    kind: group[0].kind,
    acquired: group.length,
    kept: group.filter(({ kept }) => kept).length,
    tokens: group.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
  }));
}

function countDrops(documents: readonly BuiltDocument[]): ReportData['drops'] {
  const dropped = documents.filter(({ kept }) => !kept);
  return tally(dropped, ({ reason = 'select: not selected' }) => reason).map(([name, group]) => {
    const [stage, reason] = name.split(': ');
    return { stage, reason, documents: group.length };
  });
}

const shownClusters = 8;
const shownMembers = 4;
const excerptLength = 180;

async function describeClusters(
  store: Store,
  documents: readonly BuiltDocument[],
  removals: readonly Removal[],
): Promise<Cluster[]> {
  const largest = tally(removals, ({ witness }) => witness).slice(0, shownClusters);
  const wanted = new Set(largest.map(([witness]) => witness));
  const excerpts = new Map<string, string>();
  for await (const { id, text } of selectedDocuments(store))
    if (wanted.has(id)) excerpts.set(id, excerpt(text));
  const byId = new Map(documents.map((document) => [document.id, document]));
  const member = (id: string): ClusterMember => ({
    name: byId.get(id)?.url ?? id,
    source: byId.get(id)?.source ?? '',
    excerpt: excerpts.get(id) ?? '',
  });
  return largest.map(([witness, group]) => ({
    survivor: member(witness),
    removed: group.slice(0, shownMembers).map(({ id, similarity }) => ({ ...member(id), similarity })),
  }));
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > excerptLength ? `${line.slice(0, excerptLength)}…` : line;
}

/** The rows of the funnel as the report draws them. */
export function describeFunnel(funnel: readonly FunnelRow[]): ReportData['funnel'] {
  return funnel.map((row) => ({
    stage: row.step,
    documentsIn: row.documentsIn,
    documentsOut: row.documentsOut,
    bytesOut: row.bytesOut || undefined,
    tokensOut: row.tokensOut,
    computed: row.computedRows,
    reused: row.reusedRows,
  }));
}

/** Losses of a training run by step; of a step that was done twice, the last counts. */
export function readLosses(run: string, file: 'loss.jsonl' | 'validation.jsonl'): LossPoint[] {
  const path = join(run, file);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n').filter(Boolean);
  const points = new Map(
    lines.map((line) => JSON.parse(line) as LossPoint).map((point) => [point.step, point.loss]),
  );
  return [...points].sort(([a], [b]) => a - b).map(([step, loss]) => ({ step, loss }));
}
