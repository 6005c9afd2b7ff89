// Gathers what the report shows: from the run's funnel, the corpus' tables and the training run's folder.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '@gristmill/core';
import {
  openBuild,
  partitionsOf,
  readDocuments,
  readManifest,
  type BuiltDocument,
  type FunnelRow,
} from '@gristmill/corpus';
import { openPart } from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import type { Cluster, ClusterMember, LossPoint, ReportData } from './report-data.ts';

type OpenBuild = Awaited<ReturnType<typeof openBuild>>;
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
      clusters: await describeClusters(build, removals),
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

async function describeClusters(build: OpenBuild, removals: readonly Removal[]): Promise<Cluster[]> {
  const largest = tally(removals, ({ witness }) => witness)
    .slice(0, shownClusters)
    .map(([witness, group]) => ({ witness, removed: group.slice(0, shownMembers) }));
  const ids = largest.flatMap(({ witness, removed }) => [witness, ...removed.map(({ id }) => id)]);
  const members = await describeMembers(build, ids);
  const member = (id: string): ClusterMember => members.get(id) ?? { name: id, source: '', excerpt: '' };
  return largest.map(({ witness, removed }) => ({
    survivor: member(witness),
    removed: removed.map(({ id, similarity }) => ({ ...member(id), similarity })),
  }));
}

/** Where documents come from and how they begin, removed ones included. */
async function describeMembers(
  build: OpenBuild,
  ids: readonly string[],
): Promise<Map<string, ClusterMember>> {
  const members = new Map<string, ClusterMember>();
  for (const partition of partitionsOf(build)) {
    const rows = async (step: string, columns: string[]): Promise<Row[]> => {
      const part = build.state.rows.get(step)?.get(partition);
      return part && part.rows > 0 ? openPart(build.store, part).get([...ids].sort(), columns) : [];
    };
    const texts = new Map(
      (await rows('clean', ['text'])).map(({ id, text }) => [id, text as string | undefined]),
    );
    for (const row of await rows('acquire', ['sourceName', 'url', 'path', 'item'])) {
      const place = [row.path, row.item].filter((name) => name !== undefined).join(' · ');
      members.set(row.id, {
        name: (row.url as string | undefined) ?? place,
        source: row.sourceName as string,
        excerpt: excerpt(texts.get(row.id) ?? ''),
      });
    }
  }
  return members;
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
