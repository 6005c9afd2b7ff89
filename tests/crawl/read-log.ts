// The fetch log of a crawl's folder as entries, and as the first version kept it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchLogEntry } from '@gristmill/crawl';
import { createLogReader } from '../../libs/crawl/src/log-table.ts';
import { openState } from '../../libs/crawl/src/old-folder.ts';

export async function readLog(folder: string): Promise<FetchLogEntry[]> {
  using db = await openState(folder);
  const { entry } = createLogReader(db);
  const rows = db.prepare('SELECT id FROM fetches ORDER BY id').all() as { id: number }[];
  return rows.map(({ id }) => entry(id)!);
}

export function writeOldLog(folder: string, entries: readonly object[]): Promise<void> {
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
  return writeFile(join(folder, 'fetch-log.jsonl'), lines.join(''));
}
