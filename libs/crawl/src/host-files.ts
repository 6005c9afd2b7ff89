// The files by which a host speaks of training: tdmrep.json and ai.txt, asked for before its first page, and the licences
// (RSL) that robots.txt, a header or a page names. Each is asked for once in a run, recorded in the archive, and kept in
// memory; robots.txt itself is libs/http's.

import type { HostFile } from '@gristmill/consent';
import { sha256 } from '@gristmill/core';
import { decodeBody, headerOf, isFailure, type Fetcher, type FetchResult } from '@gristmill/http';
import { decodeText } from '@gristmill/text';
import { responseRecord } from './answer.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import type { NewRecord } from '@gristmill/warc';

export type HostFileKind = 'robots' | 'tdmrep' | 'ai.txt' | 'rsl';

export interface HostFiles {
  /** What a host says in files of its own. */
  of(url: string): Promise<{ readonly tdmrep?: HostFile; readonly aiTxt?: HostFile }>;
  /** The licence at an address; without text when it could not be had. */
  licence(url: string): Promise<HostFile>;
}

export interface HostFilesOptions {
  readonly fetcher: Fetcher;
  readonly record: (entry: FetchLogEntry, records: readonly NewRecord[]) => Promise<void>;
}

const mostBytes = 1024 * 1024;
const maxRedirects = 5;

export function createHostFiles({ fetcher, record }: HostFilesOptions): HostFiles {
  const kept = new Map<string, Promise<HostFile>>();

  async function load(url: string, kind: HostFileKind): Promise<HostFile> {
    const result = await fetcher.fetch(url, { maxRedirects, maxBytes: mostBytes });
    const { entry, records, text } = readHostFile(result, { url, kind });
    // A crawl that is being stopped has asked nothing.
    if (!(isFailure(result.answer) && result.answer.failure === 'stopped')) await record(entry, records);
    return { url, fetchedAt: entry.date, ...(text !== undefined && { text }) };
  }

  const get = (url: string, kind: HostFileKind) => {
    const found = kept.get(url) ?? load(url, kind);
    kept.set(url, found);
    return found;
  };

  return {
    async of(url) {
      const { origin } = new URL(url);
      const [tdmrep, aiTxt] = await Promise.all([
        get(`${origin}/.well-known/tdmrep.json`, 'tdmrep'),
        get(`${origin}/ai.txt`, 'ai.txt'),
      ]);
      return {
        ...(tdmrep.text !== undefined && { tdmrep }),
        ...(aiTxt.text !== undefined && { aiTxt }),
      };
    },
    licence: (url) => get(url, 'rsl'),
  };
}

/** An answer as a line of the log, its record, and its text where it is a file that can be read. */
export function readHostFile(
  { answer, sentAtMs }: FetchResult,
  { url, kind }: { readonly url: string; readonly kind: HostFileKind },
): { readonly entry: FetchLogEntry; readonly records: readonly NewRecord[]; readonly text?: string } {
  const date = new Date(sentAtMs).toISOString();
  const base = { url, date, kind, depth: 0, ...(answer.status !== undefined && { status: answer.status }) };
  if (isFailure(answer))
    return { entry: { ...base, outcome: 'failed', reason: answer.failure }, records: [] };
  if (answer.status === 404 || answer.status === 410)
    return { entry: { ...base, outcome: 'gone' }, records: [] };
  const records = [responseRecord({ url, date }, answer)];
  if (answer.status < 200 || answer.status >= 300) return { entry: { ...base, outcome: 'failed' }, records };
  const decoded = decodeBody(answer.body, headerOf(answer.headers, 'content-encoding'), mostBytes);
  if ('error' in decoded) return { entry: { ...base, outcome: 'refused', reason: decoded.error }, records };
  const { bytes } = decoded;
  const entry = { ...base, outcome: 'fetched', digest: sha256(bytes), bytes: bytes.length } as const;
  return { entry, records, text: decodeText(bytes, {}).text };
}
