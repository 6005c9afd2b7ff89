// What a crawl had heard by a moment of the past: the log, read up to there.

import { join } from 'node:path';
import type { Statement } from '@gristmill/consent';
import { checkCrawlFormat } from './crawl-format.ts';
import { fetchLogFile } from './crawl-state.ts';
import { currentRevisions, readFetchLog } from './fetch-log.ts';

/** @param until ISO 8601; addresses that were not fetched by then are left out */
export async function saidUntil(folder: string, until: string): Promise<Map<string, readonly Statement[]>> {
  await checkCrawlFormat(folder);
  const { values } = await readFetchLog(join(folder, fetchLogFile));
  const revisions = currentRevisions(values.filter(({ date }) => date <= until));
  return new Map(revisions.map(({ url, statements }) => [url, statements]));
}
