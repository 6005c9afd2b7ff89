// No document whose use is refused is in a shard: looked at by the statements themselves, whatever select decided, and
// by what hosts said since the build.

import {
  applyReading,
  decideConsent,
  overrideFor,
  policyFor,
  refusalBy,
  type ResolvedPolicy,
} from '@gristmill/consent';
import type { Row } from '@gristmill/core';
import { openPart, type PartEntry } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { consentPolicy, statementsOf } from './consent-record.ts';
import { readHostReadings, type HostReadings } from './host-readings.ts';
import type { Manifest } from './manifest.ts';
import { originOf } from './reword-rows.ts';

const words = ['refusals', 'permissions', 'searchRefusals', 'searchPermissions'];
const columns = ['sourceName', 'url', 'fetchedAt', 'mediaType', 'statements', ...words];

/** @param parts those of acquire. @returns id → what refuses, of documents that the recipe's policy does not allow */
export async function deniedDocuments(
  store: Store,
  manifest: Manifest,
  parts: readonly PartEntry[],
): Promise<Map<string, string>> {
  const policy = consentPolicy(manifest);
  const readings = await readHostReadings(store);
  const denied = new Map<string, string>();
  for (const entry of parts) {
    if (entry.rows === 0) continue;
    for await (const row of openPart(store, entry).readRows(columns)) {
      const refusal = refusalOf(row, policy, readings);
      if (refusal !== undefined) denied.set(row.id, refusal);
    }
  }
  return denied;
}

function refusalOf(row: Row, policy: ResolvedPolicy, readings: HostReadings): string | undefined {
  const url = row.url as string | undefined;
  const document = { source: String(row.sourceName), url };
  if (overrideFor(document, policy)) return undefined;
  const reading = readings.get(originOf(url) ?? '');
  const facts = {
    url: url ?? '',
    fetchedAt: row.fetchedAt as string | undefined,
    mediaType: String(row.mediaType),
  };
  const said = reading ? applyReading(statementsOf(row), facts, reading) : statementsOf(row);
  const { result, decidedBy } = decideConsent(said, policyFor(document, policy));
  if (result === 'deny') return said[decidedBy!].protocol;
  const [refusals, permissions] = policy.purpose === 'search' ? words.slice(2) : words;
  const read = (name: string) => row[name] as string | undefined;
  return refusalBy({ refusals: read(refusals), permissions: read(permissions) }, policy);
}
