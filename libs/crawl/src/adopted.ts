// Addresses that seeds led to, within their domain: their hosts belong to the crawl as the seeds' own, in later runs too.

import type { DatabaseSync } from 'node:sqlite';

export const adoptedSchema = `CREATE TABLE IF NOT EXISTS adopted (url TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`;

export function readAdopted(db: DatabaseSync): string[] {
  return (db.prepare('SELECT url FROM adopted ORDER BY url').all() as { url: string }[]).map(
    ({ url }) => url,
  );
}

export function writeAdopted(db: DatabaseSync, url: string): void {
  db.prepare('INSERT OR IGNORE INTO adopted VALUES (?)').run(url);
}
