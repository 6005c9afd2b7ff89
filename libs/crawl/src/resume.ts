// What a crawl's database must forget or ask for again when a folder is opened.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { urlState } from './database.ts';
import { isDue } from './due.ts';
import { wrongFile } from './log-table.ts';
import { isFileName } from '@gristmill/core';
import type { Totals, UrlTable } from './url-table.ts';
import { archiveEnd } from './warc-folder.ts';

/** Fetches whose record is not in the archive count as never done: their URLs wait again. */
export async function forgetLostRecords(
  folder: string,
  db: DatabaseSync,
  { urls, totals }: { readonly urls: UrlTable; readonly totals: Totals },
): Promise<void> {
  const files = db.prepare('SELECT DISTINCT file FROM fetches WHERE file IS NOT NULL').all() as {
    file: string;
  }[];
  for (const { file } of files) {
    if (!isFileName(file)) throw wrongFile(file);
    const size = await stat(join(folder, file)).then(
      (found) => found.size,
      () => 0,
    );
    if (archiveEnd(db, file) <= size) continue;
    const lost = db
      .prepare(
        'SELECT fetches.id, urls.url AS url, urls.kind, bytes, outcome FROM fetches JOIN urls ON urls.id = fetches.url WHERE file = ? AND offset + length > ?',
      )
      .all(file, size) as { id: number; url: string; kind: string | null; bytes: number; outcome: string }[];
    for (const { id, url, kind, bytes, outcome } of lost) {
      db.prepare('DELETE FROM said WHERE fetch = ?').run(id);
      db.prepare('DELETE FROM fetches WHERE id = ?').run(id);
      db.prepare('DELETE FROM host_files WHERE url = ?').run(url);
      const known = kind === null ? urls.find(url) : undefined;
      if (!known) continue;
      const held = db
        .prepare(
          `SELECT id FROM fetches WHERE url = ? AND outcome = 'fetched' ORDER BY date DESC, coalesce(digest, '') DESC LIMIT 1`,
        )
        .get(known.id) as { id: number } | undefined;
      if (outcome === 'fetched') totals.add('bytes', -bytes);
      if (known.revision !== null && !held) totals.add('pages', -1);
      urls.setState(known, urlState.waiting, held?.id ?? null);
    }
  }
}

/** Every document that is there, or those that are due by how often they changed. */
export type RefreshKind = 'all' | 'due';

export interface AskAgain {
  readonly refresh?: RefreshKind;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** What failed when it was last asked for waits again; with `refresh` also documents, every list, and pages that were forbidden. */
export function askAgain(db: DatabaseSync, { refresh, now }: AskAgain): void {
  db.exec(`
    UPDATE hosts SET waiting = waiting + (SELECT count(*) FROM urls WHERE state = 2 AND urls.host = hosts.id)
      WHERE id IN (SELECT host FROM urls WHERE state = 2);
    UPDATE urls SET state = 0 WHERE state = 2;
  `);
  if (!refresh) return;
  if (refresh === 'due') askDueDocuments(db, now);
  db.exec(`
    UPDATE urls SET state = 0 WHERE state = 1 AND (kind IN ('sitemap', 'feed') AND instr(url, 'resumptionToken=') = 0
      OR kind IS NULL AND revision IS NULL AND EXISTS
        (SELECT 1 FROM fetches WHERE fetches.url = urls.id AND outcome = 'robots')
      ${refresh === 'all' ? 'OR kind IS NULL AND revision IS NOT NULL' : ''});
    UPDATE hosts SET waiting = (SELECT count(*) FROM urls WHERE state = 0 AND urls.host = hosts.id);
  `);
}

function askDueDocuments(db: DatabaseSync, now: number): void {
  const again = db.prepare('UPDATE urls SET state = 0 WHERE id = ?');
  const rows = db.prepare(
    `SELECT urls.id, min(date) AS first, max(date) AS last, count(*) - 1 AS checks, sum(outcome = 'fetched') - 1 AS changes
     FROM urls JOIN fetches ON fetches.url = urls.id AND outcome IN ('fetched', 'unchanged')
     WHERE state = 1 AND kind IS NULL AND revision IS NOT NULL GROUP BY urls.id`,
  );
  for (const row of rows.all() as unknown as DueRow[]) {
    const { id, checks, changes } = row;
    const visits = { first: Date.parse(row.first), last: Date.parse(row.last), checks, changes };
    if (isDue(visits, now)) again.run(id);
  }
}

interface DueRow {
  readonly id: number;
  readonly first: string;
  readonly last: string;
  readonly checks: number;
  readonly changes: number;
}
