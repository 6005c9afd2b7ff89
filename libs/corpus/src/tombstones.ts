// `raw/tombstones.jsonl`: what was forgotten and is never taken in again. One JSON object a line with `id`, `url` or
// `domain` (which covers its subdomains); a recorded input, like the fetch log.

import { DataError, type RawItem } from '@gristmill/core';
import type { Store } from '@gristmill/storage';

export interface Tombstone {
  readonly id?: string;
  readonly url?: string;
  readonly domain?: string;
}

export const tombstoneFile = 'raw/tombstones.jsonl';

export async function readTombstones(store: Store): Promise<Tombstone[]> {
  if (!(await store.stat(tombstoneFile))) return [];
  const text = new TextDecoder().decode(await store.read(tombstoneFile));
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      const tombstone = JSON.parse(line) as Tombstone;
      // One that this program cannot read would let forgotten documents return.
      if ([tombstone.id, tombstone.url, tombstone.domain].some((name) => typeof name === 'string'))
        return [tombstone];
      throw new TypeError('neither id nor url nor domain');
    } catch (cause) {
      throw new DataError(
        'tombstones-damaged',
        `line ${index + 1} of ${tombstoneFile} is no tombstone`,
        'restore the file: without it forgotten documents would return',
        { cause },
      );
    }
  });
}

/** Appends what is not there yet; the file is replaced whole. */
export async function addTombstones(store: Store, added: readonly Tombstone[]): Promise<Tombstone[]> {
  const known = await readTombstones(store);
  const lines = new Set(known.map((tombstone) => JSON.stringify(tombstone)));
  const fresh = added.filter((tombstone) => !lines.has(JSON.stringify(tombstone)));
  const all = [...known, ...fresh];
  if (fresh.length > 0)
    await store.replace(tombstoneFile, all.map((tombstone) => `${JSON.stringify(tombstone)}\n`).join(''));
  return all;
}

export function createTombstoneTest(
  tombstones: readonly Tombstone[],
): (item: { id: string; url?: string }) => boolean {
  const ids = new Set(tombstones.flatMap(({ id }) => id ?? []));
  const urls = new Set(tombstones.flatMap(({ url }) => url ?? []));
  const domains = new Set(tombstones.flatMap(({ domain }) => domain?.toLowerCase() ?? []));
  return ({ id, url }) => ids.has(id) || (url !== undefined && (urls.has(url) || hasDomain(domains, url)));
}

function hasDomain(domains: ReadonlySet<string>, url: string): boolean {
  if (domains.size === 0 || !URL.canParse(url)) return false;
  const labels = new URL(url).hostname.split('.');
  return labels.some((_, start) => domains.has(labels.slice(start).join('.')));
}

/** True for an item that was forgotten. */
export function isForgotten(test: ReturnType<typeof createTombstoneTest>, item: RawItem): boolean {
  return test({ id: item.id, url: item.source.url });
}
