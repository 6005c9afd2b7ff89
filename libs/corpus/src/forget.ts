// Forgetting: a tombstone that acquire obeys for ever, an ordinary update, and a gc that drops every build which still
// holds what was forgotten. What a training run has learned stays learned: the steps are listed.

import { DataError } from '@gristmill/core';
import { openPart, partitionOf } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import type { Crawler } from './acquire-contract.ts';
import { openBuild, type OpenBuild } from './build-documents.ts';
import type { ErasureRequest } from './erasures.ts';
import { findId } from './find-document.ts';
import { collectGarbage, foreseeGarbage, pinnedIndexes, type GcOutcome } from './gc.ts';
import { requireLastRun } from './last-run.ts';
import { requireManifest, type Manifest } from './manifest.ts';
import { openRawFolder } from './raw-folder.ts';
import { loadRecipe, moduleLocation, type LoadedRecipe } from './recipe.ts';
import { beginErasures, finishErasures } from './record-erasures.ts';
import { runRecipe, type RunRequest } from './run-recipe.ts';
import { acquireStep, loadCode } from './steps.ts';
import { addTombstones, createTombstoneTest, type Tombstone } from './tombstones.ts';
import { stepsThatSaw, type TrainedSteps } from './training-runs.ts';

export interface ForgetRequest extends Pick<RunRequest, 'workers' | 'progress' | 'signal'> {
  /** URLs, domains, ids, or `<source>/<path>`. */
  readonly names: readonly string[];
  readonly runs?: readonly Store[];
  /** Who asked, for the record of the erasure. */
  readonly request?: ErasureRequest;
}

/** What would go: nothing is written for it. */
export interface ForgetPlan {
  readonly tombstones: readonly Tombstone[];
  readonly documents: readonly ForgottenDocument[];
  /** The builds that hold what is forgotten go, the newest one too once there is one without it. */
  readonly gc: Pick<GcOutcome, 'kept' | 'removedBuilds'>;
}

export interface ForgetReport extends ForgetPlan {
  readonly build: string;
  readonly gc: GcOutcome;
  /** WARC files that were rewritten without the documents. */
  readonly rewritten: readonly string[];
  /** Where this report is kept in the corpus. */
  readonly file: string;
}

export interface ForgottenDocument {
  readonly id: string;
  readonly url?: string;
  readonly source: string;
  /** What training runs saw of it before. */
  readonly trained: readonly TrainedSteps[];
}

export async function forget(store: Store, request: ForgetRequest): Promise<ForgetReport> {
  const last = await requireLastRun(store);
  const loaded = await loadRecipe(last.recipe);
  const { before, tombstones, documents } = await traceNames(store, request);
  const all = await addTombstones(store, tombstones);
  try {
    await beginErasures(store, { build: before, tombstones, documents, request: request.request });
    const rewritten = await rewriteRaw(store, loaded, all);
    const { workers, progress, signal } = request;
    const outcome = await runRecipe({ ...last, store, workers, progress, signal });
    const gc = await collectGarbage(store, {
      keep: Number.MAX_SAFE_INTEGER,
      pinnedIndexes: await pinnedIndexes(request.runs ?? []),
      covered: (manifest, isNewest) => !isNewest && holdsForgotten(store, manifest, all),
    });
    await finishErasures(store, rewritten);
    const file = `log/forget-${String(all.length).padStart(6, '0')}.json`;
    const report = { tombstones, documents, build: outcome.manifest!.build, gc, rewritten, file };
    await store.replace(file, `${JSON.stringify(report, null, 1)}\n`);
    return report;
  } catch (cause) {
    throw unfinished(store, tombstones, cause);
  }
}

/** What `forget` would do now. */
export async function foreseeForget(store: Store, request: ForgetRequest): Promise<ForgetPlan> {
  const { tombstones, documents } = await traceNames(store, request);
  const { kept, removedBuilds } = await foreseeGarbage(store, {
    keep: Number.MAX_SAFE_INTEGER,
    covered: (manifest) => holdsForgotten(store, manifest, tombstones),
  });
  return { tombstones, documents, gc: { kept, removedBuilds } };
}

async function traceNames(store: Store, { names, runs = [] }: ForgetRequest) {
  const before = await openBuild(store, await requireManifest(store));
  const tombstones = await makeTombstones(before, names);
  return { before, tombstones, documents: await traceDocuments(before, tombstones, runs) };
}

/** Named by what a tombstone says: a path is found no more once a build is without its document. */
function unfinished(store: Store, tombstones: readonly Tombstone[], cause: unknown): DataError {
  const names = tombstones.map(({ id, url, domain }) => id ?? url ?? domain);
  const [written, reason] = [
    tombstones.length === 1 ? 'tombstone written' : `${tombstones.length} tombstones written`,
    cause instanceof Error ? cause.message : String(cause),
  ];
  const advice = cause instanceof DataError ? `${cause.hint}; then ` : '';
  return new DataError(
    'forget-unfinished',
    `${written}, builds not yet rewritten: ${reason}`,
    `${advice}run \`gristmill forget ${store.location} ${names.join(' ')}\` to have them rewritten`,
    { cause },
  );
}

async function makeTombstones(build: OpenBuild, names: readonly string[]): Promise<Tombstone[]> {
  const tombstones: Tombstone[] = [];
  for (const name of names) {
    if (/^[0-9a-f]{32}$/.test(name)) tombstones.push({ id: name });
    else if (/^https?:\/\//.test(name)) tombstones.push({ url: name });
    else if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name)) tombstones.push({ domain: name.toLowerCase() });
    else tombstones.push({ id: await findId(build, name) });
  }
  if (tombstones.length === 0)
    throw new DataError('nothing-named', 'nothing was named', 'give URLs, domains or ids');
  return tombstones;
}

async function traceDocuments(
  build: OpenBuild,
  tombstones: readonly Tombstone[],
  runs: readonly Store[],
): Promise<ForgottenDocument[]> {
  const documents: ForgottenDocument[] = [];
  for await (const { id, url, source } of coveredRows(build, tombstones)) {
    const trained: TrainedSteps[] = [];
    for (const run of runs) trained.push(await stepsThatSaw(build.store, run, id));
    documents.push({ id, url, source, trained });
  }
  return documents;
}

async function* coveredRows(
  build: OpenBuild,
  tombstones: readonly Tombstone[],
): AsyncGenerator<{ id: string; url?: string; source: string }> {
  const isForgotten = createTombstoneTest(tombstones);
  const parts = build.state.rows.get(acquireStep)!;
  const onlyIds = tombstones.every(({ id }) => id !== undefined);
  const wanted = new Set(onlyIds ? tombstones.map(({ id }) => partitionOf(id!, parts.size)) : parts.keys());
  for (const partition of wanted) {
    const entry = parts.get(partition);
    if (!entry || entry.rows === 0) continue;
    const part = openPart(build.store, entry);
    const columns = ['url', 'sourceName'];
    const rows = onlyIds
      ? await part.get(
          tombstones.map(({ id }) => id!),
          columns,
        )
      : part.readRows(columns);
    for await (const row of rows) {
      const url = row.url as string | undefined;
      if (isForgotten({ id: row.id, url })) yield { id: row.id, url, source: row.sourceName as string };
    }
  }
}

async function holdsForgotten(
  store: Store,
  manifest: Manifest,
  tombstones: readonly Tombstone[],
): Promise<boolean> {
  const build = await openBuild(store, manifest);
  for await (const _row of coveredRows(build, tombstones)) return true;
  return false;
}

/** Has every crawler that can do so rewrite its WARC files. */
async function rewriteRaw(
  store: Store,
  { recipe, folder }: LoadedRecipe,
  tombstones: readonly Tombstone[],
): Promise<string[]> {
  const test = createTombstoneTest(tombstones);
  const rewritten: string[] = [];
  for (const source of recipe.sources) {
    if (!source.crawl) continue;
    const location = { ...source.crawl, module: moduleLocation(source.crawl.module, folder) };
    const crawler = await loadCode<Crawler>(location);
    const raw = await openRawFolder(store, source.name);
    const files = await crawler.forget?.(raw.path, (url, id) => test({ id, url }));
    await raw.save();
    rewritten.push(...(files ?? []).map((file) => `raw/${source.name}/${file}`));
  }
  return rewritten;
}
