// Asks every host of a corpus again for the files by which it speaks of training, records what they say, and brings the
// corpus up to date: an ordinary build, in which only rows change about which something else is said.

import type { HostReading, ReadFile } from '@gristmill/consent';
import { DataError, type JsonObject } from '@gristmill/core';
import {
  addHostReadings,
  corpusOrigins,
  diffBuilds,
  hostsFolder,
  loadRecipe,
  makeFunnel,
  openRawFolder,
  readManifest,
  requireLastRun,
  runRecipe,
  type BuildDiff,
  type Progress,
} from '@gristmill/corpus';
import { readRoute, refreshHostFiles, type OriginReading } from '@gristmill/crawl';
import type { Store } from '@gristmill/storage';

export interface HostRefresh {
  readonly origins: number;
  /** Files that could not be had, for trouble of the server or on the way: what they said before still counts. */
  readonly failed: readonly { readonly url: string; readonly kind?: string; readonly reason: string }[];
  /** The build before and the one that follows; equal where nothing changed. */
  readonly from: string;
  readonly to: string;
  readonly lost: BuildDiff['lost'];
  readonly gained: BuildDiff['gained'];
  readonly computedRows: number;
  readonly reusedRows: number;
}

export interface HostRefreshRequest {
  /** How to get there, as in `sources[].where` of a crawl: counts more than what the recipe says. */
  readonly where: JsonObject;
  readonly workers?: number;
  readonly signal: AbortSignal;
  readonly progress?: Progress;
}

/** @throws DataError `no-addresses` where no document has one; `who-is-asking` as a crawl */
export async function refreshHosts(store: Store, request: HostRefreshRequest): Promise<HostRefresh> {
  const { where, workers, signal, progress } = request;
  const last = await requireLastRun(store);
  const from = (await readManifest(store))!.build;
  const origins = await corpusOrigins(store);
  if (origins.length === 0) throw withoutAddresses();
  const { recipe } = await loadRecipe(last.recipe);
  const route = readRoute(joined(whereOf(recipe.sources), where), origins);
  const raw = await openRawFolder(store, hostsFolder);
  const startedAt = new Date().toISOString();
  let done = 0;
  const readings = await refreshHostFiles(raw.path, origins, {
    ...{ route, signal },
    onOrigin: () => progress?.show('hosts', { done: ++done, of: origins.length, bytes: 0 }),
  });
  await raw.save();
  await addHostReadings(
    store,
    readings.map((reading) => toReading(reading, { agent: route.agent, startedAt })),
  );
  signal.throwIfAborted();
  const outcome = await runRecipe({ ...last, store, workers, signal, progress });
  const to = outcome.manifest!.build;
  const { lost, gained } = await diffBuilds(store, from, to);
  const funnel = makeFunnel(outcome);
  const sum = (name: 'computedRows' | 'reusedRows') => funnel.reduce((total, row) => total + row[name], 0);
  return {
    origins: origins.length,
    failed: readings.flatMap(({ failed }) =>
      failed.map(({ url, kind, reason, status }) => ({ url, kind, reason: reason ?? String(status) })),
    ),
    ...{ from, to, lost, gained, computedRows: sum('computedRows'), reusedRows: sum('reusedRows') },
  };
}

function withoutAddresses(): DataError {
  return new DataError(
    'no-addresses',
    'no document of the corpus has an address on the web',
    'name the field that holds it (`urlField`), or import the archive of the crawl',
  );
}

/** How the crawls of a recipe get to their hosts. */
function whereOf(sources: readonly { readonly crawl?: unknown; readonly where?: unknown }[]): JsonObject {
  const all = sources.filter(({ crawl }) => crawl !== undefined).map(({ where = {} }) => where as JsonObject);
  const hostMap = all.flatMap((where) => (where.hostMap ?? []) as string[]);
  return { ...Object.assign({}, ...all.toReversed()), ...(hostMap.length > 0 && { hostMap }) } as JsonObject;
}

/** Entries of both host maps count. */
function joined(own: JsonObject, given: JsonObject): JsonObject {
  const hostMap = [own, given].flatMap((where) => (where.hostMap ?? []) as string[]);
  return { ...own, ...given, ...(hostMap.length > 0 && { hostMap }) };
}

/** What answered, a file that is not there included; of a licence also that it could not be had. */
function toReading(
  { origin, robots, tdmrep, aiTxt, rsl, failed }: OriginReading,
  { agent, startedAt }: { readonly agent: string; readonly startedAt: string },
): HostReading {
  const isFailed = (kind: ReadFile['kind']) => failed.some((entry) => entry.kind === kind);
  const own = [
    ['robots', '/robots.txt', robots],
    ['tdmrep', '/.well-known/tdmrep.json', tdmrep],
    ['ai.txt', '/ai.txt', aiTxt],
  ] as const;
  const files = own.flatMap(([kind, path, file]): ReadFile[] => {
    if (!file && isFailed(kind)) return [];
    const { url = `${origin}${path}`, fetchedAt = startedAt, text } = file ?? {};
    return [{ kind, url, fetchedAt, ...(text !== undefined && { text }) }];
  });
  const licences = rsl.map(({ url, fetchedAt = startedAt, text }): ReadFile => {
    return { kind: 'rsl', url: url!, fetchedAt, ...(text !== undefined && { text }) };
  });
  return { origin, agent, files: [...files, ...licences] };
}
