// `crawl.json`: what a crawl's folder is. A folder without it is of the first version, whose state is JSON lines; one of the
// second has a database. Both are read, and a crawl that goes on in the first makes it one of the second.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@gristmill/core';

const formatFile = 'crawl.json';
const format = { format: 'gristmill-crawl', version: 2 } as const;

/** @throws DataError `crawl-version` for a folder of a version that is not known */
export async function checkCrawlFormat(folder: string): Promise<void> {
  const found = await readFormat(folder);
  if (!found || (found.format === format.format && [1, format.version].includes(Number(found.version))))
    return;
  throw new DataError(
    'crawl-version',
    `${folder} holds a crawl of format version ${String(found.version)} instead of ${format.version}`,
    Number(found.version) > format.version ? 'update Gristmill' : 'use the Gristmill that wrote it',
  );
}

export async function writeCrawlFormat(folder: string): Promise<void> {
  if ((await readFormat(folder))?.version !== format.version)
    await writeFile(join(folder, formatFile), `${JSON.stringify(format)}\n`);
}

/** Undefined where there is none, or one that a crash cut. */
async function readFormat(folder: string): Promise<{ format?: unknown; version?: unknown } | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, formatFile), 'utf8')) as object;
  } catch {
    return undefined;
  }
}
