// Rows of the acquire table whose host was asked again: their words are made anew from what was said with the document
// and what the host's files say since.

import { applyReading, saidOfUse } from '@gristmill/consent';
import type { Row } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { withRowDigest } from './acquire-table.ts';
import { statementsOf } from './consent-record.ts';
import { readHostReadings, type HostReadings } from './host-readings.ts';

export interface Rewording {
  /** True for an address whose host says something else than when the previous part was written. */
  isDue(url: string | undefined): boolean;
  /** The row as it is by the newest readings. */
  reword(row: Row): Row;
}

export interface RewordingWork {
  /** Digest of all readings; undefined where there are none. */
  readonly readings?: string;
  /** Origins whose reading is another one than for the previous part. */
  readonly reworded: readonly string[];
}

/** The last that were read, so that a thread reads them once for all its partitions. */
let held: { readonly key: string; readonly readings: Promise<HostReadings> } | undefined;

export async function openRewording(store: Store, work: RewordingWork): Promise<Rewording | undefined> {
  if (work.readings === undefined) return undefined;
  const key = `${store.location}\n${work.readings}`;
  if (held?.key !== key) held = { key, readings: readHostReadings(store) };
  const readings = await held.readings;
  const due = new Set(work.reworded);
  return {
    isDue: (url) => due.size > 0 && due.has(originOf(url) ?? ''),
    reword: (row) => rewordRow(row, readings),
  };
}

function rewordRow(row: Row, readings: HostReadings): Row {
  const url = row.url as string | undefined;
  const reading = readings.get(originOf(url) ?? '');
  if (!reading) return row;
  const document = {
    url: url!,
    fetchedAt: row.fetchedAt as string | undefined,
    mediaType: String(row.mediaType),
  };
  const statements = applyReading(statementsOf(row), document, reading);
  if (statements.length === 0 && row.statements === undefined) return row;
  const said = saidOfUse(statements);
  return withRowDigest({
    ...row,
    refusals: said.refusals.join(' '),
    permissions: said.permissions.join(' '),
    searchRefusals: said.searchRefusals.join(' '),
    searchPermissions: said.searchPermissions.join(' '),
    statements: statements as unknown as Row['statements'],
  });
}

/** Undefined for what is no address on the web. */
export function originOf(url: string | undefined): string | undefined {
  const parsed = url === undefined ? undefined : URL.parse(url);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.origin : undefined;
}
