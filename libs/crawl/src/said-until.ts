// What a crawl had heard by a moment of the past: the log, read up to there.

import type { Statement } from '@gristmill/consent';
import { checkCrawlFormat } from './crawl-format.ts';
import { currentRevisions } from './fetch-log.ts';
import { createLogReader } from './log-table.ts';
import { openState } from './old-folder.ts';

/** @param until ISO 8601; addresses that were not fetched by then are left out */
export async function saidUntil(folder: string, until: string): Promise<Map<string, readonly Statement[]>> {
  await checkCrawlFormat(folder);
  using db = await openState(folder);
  const { documents, entriesOf } = createLogReader(db);
  const said = new Map<string, readonly Statement[]>();
  for (const id of documents()) {
    const [row] = currentRevisions(entriesOf(id).filter(({ date }) => date <= until));
    if (row) said.set(row.url, row.statements);
  }
  return said;
}
