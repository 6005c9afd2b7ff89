// The acquire table: one row an item that import and crawl yield, its bytes included, so that any stage has random
// access by id and no container is opened twice. Columns from `file` on are the engine's own.

import { DataError, hashJson, sha256, type Column, type Json, type Row } from '@gristmill/core';
import type { TableDefinition } from '@gristmill/shards';
import type { FetchedItem } from './acquire-contract.ts';

const optional = (name: string, type: Column['type'] = 'string'): Column => ({ name, type, optional: true });

export const acquireColumns: readonly Column[] = [
  optional('bytes', 'bytes'),
  { name: 'mediaType', type: 'string' },
  optional('charset'),
  { name: 'contentHash', type: 'string' },
  /** Bytes of the item. */
  { name: 'size', type: 'int32' },
  { name: 'sourceName', type: 'string' },
  { name: 'sourceKind', type: 'string' },
  optional('url'),
  optional('path'),
  optional('item'),
  optional('group'),
  optional('title'),
  optional('author'),
  optional('date'),
  optional('language'),
  optional('licence'),
  optional('siteName'),
  optional('canonicalUrl'),
  optional('partOf'),
  optional('role'),
  optional('order', 'int32'),
  optional('verdict', 'json'),
  /** What refuses training, words divided by blanks; absent where nobody was asked. */
  optional('refusals'),
  optional('permissions'),
  /** The same two for a search index. */
  optional('searchRefusals'),
  optional('searchPermissions'),
  { name: 'file', type: 'string' },
  { name: 'rowDigest', type: 'string' },
  optional('fetchedAt'),
  optional('etag'),
  optional('lastModified'),
  optional('status', 'int32'),
  optional('rawFile'),
  /** Every statement about its use, with evidence: no stage reads it. */
  optional('statements', 'json'),
];

export const acquireTable: TableDefinition = { name: 'acquire', columns: acquireColumns, groupRows: 32 };
export const acquireVersion = 4;

/** The row of an item. `file` is the file below the source's root (empty for a crawl) that gave it. */
export function acquireRow(item: FetchedItem, file: string, licence: string | undefined): Row {
  if (!/^[0-9a-f]{32}$/.test(item.id)) {
    throw new DataError(
      'wrong-item',
      `an item of source ${item.source.name} has the id ${item.id}`,
      'ids are 32 hex digits, see documentId',
    );
  }
  const { bytes, mediaType, charset, source, group, metadata, verdict, consent, fetch } = item;
  const row = {
    id: item.id,
    bytes: verdict ? undefined : bytes,
    mediaType,
    charset,
    contentHash: sha256(bytes),
    size: Math.min(bytes.length, 2 ** 31 - 1),
    sourceName: source.name,
    sourceKind: source.kind,
    url: source.url,
    path: source.path,
    item: source.item,
    group,
    licence,
    ...defined({ ...metadata }),
    verdict: verdict && { ...verdict },
    refusals: consent?.refusals.join(' '),
    permissions: consent?.permissions.join(' '),
    searchRefusals: consent?.searchRefusals.join(' '),
    searchPermissions: consent?.searchPermissions.join(' '),
    file,
    fetchedAt: fetch?.fetchedAt,
    etag: fetch?.etag,
    lastModified: fetch?.lastModified,
    status: fetch?.status,
    rawFile: fetch?.file,
    statements: consent?.statements,
  };
  return withRowDigest(row);
}

/** Digest of all facts but the bytes, which have their own: an absent column is as one without a value. */
export function withRowDigest(row: Row): Row {
  const { bytes: _bytes, rowDigest: _digest, ...facts } = row;
  return { ...row, rowDigest: hashJson(facts as Json).slice(0, 32) };
}

function defined(
  values: Record<string, string | number | undefined>,
): Record<string, string | number | undefined> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** True when `a` is the current revision of two items of one id: the greater (fetch date, digest). */
export function isCurrent(a: Row, b: Row): boolean {
  const [dateA, dateB] = [String(a.fetchedAt ?? ''), String(b.fetchedAt ?? '')];
  if (dateA !== dateB) return dateA > dateB;
  return `${String(a.contentHash)}${String(a.rowDigest)}` >= `${String(b.contentHash)}${String(b.rowDigest)}`;
}
