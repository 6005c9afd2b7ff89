// The records of a `forget`: begun with the tombstones, finished with the update. A forget that fails in between is carried
// on by the same command, and its records with it.

import { openPart } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { openBuild, partitionsOf, readDocuments, tablePart, type OpenBuild } from './build-documents.ts';
import { matchOf, readErasures, seenByRuns, writeErasures } from './erasures.ts';
import type { Erasure, ErasureRequest } from './erasures.ts';
import type { ForgottenDocument } from './forget.ts';
import { requireManifest } from './manifest.ts';
import { createTombstoneTest, type Tombstone } from './tombstones.ts';

interface Beginning {
  readonly build: OpenBuild;
  readonly tombstones: readonly Tombstone[];
  readonly documents: readonly ForgottenDocument[];
  readonly request?: ErasureRequest;
}

/** One record for each tombstone; one that is begun already, or that finds nothing more to remove, stays as it is. */
export async function beginErasures(
  store: Store,
  { build, tombstones, documents, request }: Beginning,
): Promise<void> {
  const known = await readErasures(store);
  const decidedAt = new Date().toISOString();
  const begun: Erasure[] = [];
  for (const tombstone of tombstones) {
    const match = matchOf(tombstone);
    const covers = createTombstoneTest([tombstone]);
    const own = documents.filter((document) => covers(document));
    const same = known.filter((one) => one.match.type === match.type && one.match.value === match.value);
    const isBegun = same.some((one) => one.build === undefined);
    if (isBegun || (own.length === 0 && same.length > 0 && request?.requestId === undefined)) continue;
    const ids = new Set(own.map(({ id }) => id));
    begun.push({
      ...request,
      requestId: request?.requestId ?? `forget-${String(known.length + begun.length + 1).padStart(6, '0')}`,
      ...{ match, decidedAt },
      documentsRemoved: ids.size,
      ...(await duplicatesAround(build, ids)),
      survivorsReElected: 0,
      warcRewritten: [],
      runs: seenByRuns(own.flatMap(({ trained }) => trained)),
    });
  }
  if (begun.length > 0) await writeErasures(store, [...known, ...begun]);
}

/** Fills in what the update did. */
export async function finishErasures(store: Store, rewritten: readonly string[]): Promise<void> {
  const erasures = await readErasures(store);
  if (erasures.every(({ build }) => build !== undefined)) return;
  const build = await openBuild(store, await requireManifest(store));
  const finished: Erasure[] = [];
  for (const erasure of erasures) {
    if (erasure.build !== undefined) {
      finished.push(erasure);
      continue;
    }
    const { pending = [], ...record } = erasure;
    finished.push({
      ...record,
      build: build.manifest.build,
      survivorsReElected: await countKept(build, new Set(pending)),
      warcRewritten: rewritten,
    });
  }
  await writeErasures(store, finished);
}

/** Which of these were left out as duplicates, and which others in their favour. */
async function duplicatesAround(
  build: OpenBuild,
  ids: ReadonlySet<string>,
): Promise<Pick<Erasure, 'copiesRemoved' | 'pending'>> {
  let copiesRemoved = 0;
  const pending: string[] = [];
  for (const partition of ids.size === 0 ? [] : partitionsOf(build)) {
    const part = tablePart(build, 'select/decisions', partition);
    if (!part || part.rows === 0) continue;
    for await (const { id, witness } of openPart(build.store, part).readRows(['witness'])) {
      if (typeof witness !== 'string') continue;
      if (ids.has(id)) copiesRemoved++;
      else if (ids.has(witness)) pending.push(id);
    }
  }
  return { copiesRemoved, pending };
}

async function countKept(build: OpenBuild, ids: ReadonlySet<string>): Promise<number> {
  let kept = 0;
  for (const partition of ids.size === 0 ? [] : partitionsOf(build))
    for (const document of (await readDocuments(build, partition, [...ids])).values())
      if (document.kept) kept++;
  return kept;
}
