// From a crawl's folder back to raw items: the current revision of each document, a function of the fetch log and the
// WARC files alone. What ended, was refused or never answered keeps its row, with a verdict.

import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { saidOfUse } from '@gristmill/consent';
import { documentId, type Json, type SourceKind, type Verdict } from '@gristmill/core';
import type { FetchedItem } from '@gristmill/corpus';
import { openFile, type ByteSource } from '@gristmill/warc';
import { lostRecord, readArchived } from './archived.ts';
import { checkCrawlFormat } from './crawl-format.ts';
import { currentRevisions, type CurrentRevision } from './fetch-log.ts';
import { createLogReader } from './log-table.ts';
import { openState } from './old-folder.ts';

interface Folder {
  readonly folder: string;
  readonly source: { readonly name: string; readonly kind: SourceKind };
}

/** Current revisions, in the order in which they lie in the WARC files; those without a body last, by URL. */
export async function* readCrawledItems({ folder, source }: Folder): AsyncGenerator<FetchedItem> {
  await checkCrawlFormat(folder);
  using db = await openState(folder);
  let open: { name: string; file: ByteSource & AsyncDisposable } | undefined;
  try {
    for (const row of currentRows(db)) {
      const { warc } = row.revision ?? {};
      const verdict = verdictOf(row);
      if (verdict || !warc) {
        yield { ...itemOf(row, source), bytes: new Uint8Array(), verdict: verdict ?? failed };
        continue;
      }
      if (open?.name !== warc.file) {
        await open?.file[Symbol.asyncDispose]();
        open = { name: warc.file, file: await openWarc(folder, warc.file) };
      }
      yield { ...itemOf(row, source), bytes: (await readArchived(open.file, row.revision!)).body };
    }
  } finally {
    await open?.file[Symbol.asyncDispose]();
  }
}

/** Documents one after the other: the order is that of the archive and of addresses, never of rows. */
function* currentRows(db: DatabaseSync): Generator<CurrentRevision> {
  const { documents, entriesOf } = createLogReader(db);
  for (const id of documents()) {
    const [row] = currentRevisions(entriesOf(id));
    // An address that never led to a document is none: a dead link stays in the fetch log.
    if (row && (row.revision || row.last.outcome !== 'gone')) yield row;
  }
}

async function openWarc(folder: string, name: string): Promise<ByteSource & AsyncDisposable> {
  try {
    return await openFile(join(folder, name));
  } catch (cause) {
    throw lostRecord(name, cause);
  }
}

const failed: Verdict = { stage: 'acquire', reason: 'failed' };

function verdictOf({ last, revision }: CurrentRevision): Verdict | undefined {
  const detail = last.reason ?? (last.status === undefined ? undefined : String(last.status));
  if (last.outcome === 'gone' || !revision) {
    return { stage: 'acquire', reason: last.outcome, ...(detail !== undefined && { detail }) };
  }
  return undefined;
}

function itemOf(
  { url, revision, last, statements }: CurrentRevision,
  { name, kind }: Folder['source'],
): Omit<FetchedItem, 'bytes'> {
  const entry = revision ?? last;
  return {
    id: documentId({ name, url }),
    mediaType: entry.mediaType ?? '',
    ...(entry.charset !== undefined && { charset: entry.charset }),
    source: { name, kind, url },
    consent: { ...saidOfUse(statements), statements: statements as unknown as Json },
    fetch: {
      fetchedAt: last.date,
      ...(entry.etag !== undefined && { etag: entry.etag }),
      ...(entry.lastModified !== undefined && { lastModified: entry.lastModified }),
      ...(last.status !== undefined && { status: last.status }),
      ...(revision?.warc && { file: revision.warc.file }),
    },
  };
}
