// The fetch log in the crawl's database: an entry for each URL that was dealt with, and what was said about its use. A
// statement that many entries repeat (what a robots.txt says to all pages) is stored once.

import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Statement } from '@gristmill/consent';
import { DataError, isFileName } from '@gristmill/core';
import { LRUCache } from 'lru-cache';
import { urlState } from './database.ts';
import type { FetchLogEntry, Outcome } from './fetch-log.ts';
import { listKinds, type ListKind, type Totals, type UrlTable } from './url-table.ts';

export interface LogTable {
  /** Writes an entry and what it means for its URL. The URL becomes known where it was not. */
  insert(entry: FetchLogEntry): void;
  /** Of one URL, in no order that counts. */
  entriesOf(url: number): FetchLogEntry[];
  entry(fetch: number): FetchLogEntry | undefined;
  /** When a URL was last found there, ISO 8601; '' where it never was. */
  lastLook(url: number): string;
  /** Rows of the URLs of documents that were dealt with: in the order of the archive, those that have nothing there by URL. */
  documents(): Generator<number>;
}

type Row = Readonly<Record<string, string | number | null>>;

const keptStatements = 5_000;

/** Columns in the order of `insert`; the names of an entry's own fields beside them. */
const plain = [
  ['status', 'status'],
  ['reason', 'reason'],
  ['location', 'location'],
  ['media_type', 'mediaType'],
  ['charset', 'charset'],
  ['etag', 'etag'],
  ['last_modified', 'lastModified'],
  ['digest', 'digest'],
  ['bytes', 'bytes'],
] as const;

export function createLogTable(db: DatabaseSync, urls: UrlTable, totals: Totals): LogTable {
  const columns = ['url', 'date', 'outcome', ...plain.map(([column]) => column)];
  columns.push('file', 'offset', 'length', 'depth', 'robots_line', 'robots_digest', 'said', 'old_words');
  const write = db.prepare(
    `INSERT INTO fetches (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const findStatement = db.prepare('SELECT id FROM statements WHERE hash = ? AND statement = ?');
  const insertStatement = db.prepare('INSERT INTO statements (hash, statement) VALUES (?, ?)');
  const insertSaid = db.prepare('INSERT INTO said VALUES (?, ?, ?)');
  const rank = db.prepare('SELECT date, digest FROM fetches WHERE id = ?');
  const reader = createLogReader(db);
  const known = new LRUCache<string, number>({ max: keptStatements });

  function statementId(statement: Statement): number {
    const text = JSON.stringify(statement);
    let id = known.get(text);
    if (id === undefined) {
      const key = hash('sha256', text, 'buffer').readUInt32BE(0);
      id =
        (findStatement.get(key, text)?.id as number | undefined) ??
        Number(insertStatement.run(key, text).lastInsertRowid);
      known.set(text, id);
    }
    return id;
  }

  /** Whether an entry is the current revision beside the one that was. */
  function isLater({ date, digest = '' }: FetchLogEntry, held: number): boolean {
    const other = rank.get(held) as { date: string; digest: string | null };
    return date > other.date || (date === other.date && digest >= (other.digest ?? ''));
  }

  function insert(entry: FetchLogEntry): void {
    const { url, kind, statements, warc, robots, directives, tdmReserved } = entry;
    const isFile = kind !== undefined && !listKinds.has(kind);
    const list = isFile ? undefined : (kind as ListKind | undefined);
    if (!isFile) urls.add({ url, depth: entry.depth, ...(list && { kind: list }) });
    const row = isFile ? undefined : urls.find(url)!;
    const old = directives || tdmReserved ? JSON.stringify({ directives, tdmReserved }) : null;
    const id = Number(
      write.run(
        row?.id ?? urls.hostFile(url, kind!),
        entry.date,
        entry.outcome,
        ...plain.map(([, field]) => entry[field] ?? null),
        ...[warc?.file ?? null, warc?.offset ?? null, warc?.length ?? null],
        ...[entry.depth, robots?.line ?? null, robots?.digest ?? null, statements?.length ?? null, old],
      ).lastInsertRowid,
    );
    statements?.forEach((statement, position) => insertSaid.run(id, position, statementId(statement)));
    if (!row) return;
    if (list) urls.setKind(row.id, list);
    const isRevision = entry.outcome === 'fetched' && kind === undefined;
    if (isRevision && row.revision === null) totals.add('pages', 1);
    if (isRevision) totals.add('bytes', entry.bytes ?? 0);
    const revision =
      isRevision && (row.revision === null || isLater(entry, row.revision)) ? id : row.revision;
    urls.setState(row, entry.outcome === 'failed' ? urlState.failed : urlState.done, revision);
  }

  return { insert, ...reader };
}

/** The reading half, which writes nothing. */
export function createLogReader(db: DatabaseSync): Omit<LogTable, 'insert'> {
  const select =
    'SELECT urls.url AS address, urls.kind, fetches.* FROM fetches JOIN urls ON urls.id = fetches.url';
  const ofUrl = db.prepare(`${select} WHERE fetches.url = ?`);
  const ofId = db.prepare(`${select} WHERE fetches.id = ?`);
  const said = db.prepare(
    'SELECT statements.statement FROM said JOIN statements ON statements.id = said.statement WHERE fetch = ? ORDER BY position',
  );

  function toEntry(row: Row): FetchLogEntry {
    const given = plain.flatMap(([column, field]) => (row[column] === null ? [] : [[field, row[column]]]));
    const { robots_line: line, robots_digest: digest, file, offset, length } = row;
    if (file !== null && !isFileName(file)) throw wrongFile(String(file));
    const texts = row.said === null ? undefined : (said.all(row.id) as { statement: string }[]);
    return {
      url: String(row.address),
      date: String(row.date),
      outcome: row.outcome as Outcome,
      ...(Object.fromEntries(given) as Partial<FetchLogEntry>),
      ...(file !== null && { warc: { file, offset: Number(offset), length: Number(length) } }),
      depth: Number(row.depth),
      ...((line !== null || digest !== null) && {
        robots: {
          ...(line !== null && { line: Number(line) }),
          ...(digest !== null && { digest: String(digest) }),
        },
      }),
      ...(texts && { statements: texts.map(({ statement }) => JSON.parse(statement) as Statement) }),
      ...(row.old_words !== null && (JSON.parse(String(row.old_words)) as Partial<FetchLogEntry>)),
      ...(row.kind !== null && { kind: row.kind as FetchLogEntry['kind'] }),
    };
  }

  const look = db.prepare(
    `SELECT max(date) AS date FROM fetches WHERE url = ? AND outcome IN ('fetched', 'unchanged')`,
  );
  return {
    lastLook: (url) => (look.get(url) as { date: string | null }).date ?? '',
    entriesOf: (url) => (ofUrl.all(url) as Row[]).map(toEntry),
    entry(fetch) {
      const row = ofId.get(fetch) as Row | undefined;
      return row && toEntry(row);
    },
    *documents() {
      const rows = db.prepare(
        `SELECT urls.id FROM urls LEFT JOIN fetches ON fetches.id = urls.revision
         WHERE urls.kind IS NULL AND EXISTS (SELECT 1 FROM fetches WHERE fetches.url = urls.id)
         ORDER BY file IS NULL, file, offset, urls.url`,
      );
      for (const { id } of rows.iterate()) yield Number(id);
    },
  };
}

export function wrongFile(file: string): DataError {
  return new DataError(
    'crawl-log-damaged',
    `the fetch log names the file ${JSON.stringify(file)}`,
    'restore the file from a copy, or crawl into a new folder',
  );
}
