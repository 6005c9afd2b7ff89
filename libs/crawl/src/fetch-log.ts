// The fetch log: an entry for each time a URL was dealt with. Together with the WARC files it is the recorded input of a
// build: whatever is computed later is computed from these two, and from no order of entries.

import type { Statement } from '@gristmill/consent';
import { currentStatements, laterWishes, type Wishes } from './wishes.ts';

export interface FetchLogEntry {
  /** Canonical URL. */
  readonly url: string;
  /** ISO 8601 with milliseconds, UTC: when the request was sent. */
  readonly date: string;
  readonly outcome: Outcome;
  /** HTTP status of the last answer. */
  readonly status?: number;
  /** More about an outcome: the failure's code. */
  readonly reason?: string;
  /** Canonical URL that a redirect leads to. */
  readonly location?: string;
  readonly mediaType?: string;
  readonly charset?: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** SHA-256 of the payload, content encoding undone. */
  readonly digest?: string;
  /** Bytes of the payload. */
  readonly bytes?: number;
  /** Where the record lies: file in the same folder, offset and length there. */
  readonly warc?: WarcPosition;
  readonly depth: number;
  /** What robots.txt said: the line that decided and the digest of the file. */
  readonly robots?: { readonly line?: number; readonly digest?: string };
  /** What was said about the use of the document, by its host, in this answer and in its text. */
  readonly statements?: readonly Statement[];
  /** Of logs before there were statements: directives of the page and of X-Robots-Tag. */
  readonly directives?: readonly string[];
  /** Of logs before there were statements: text and data mining is reserved (TDMRep). */
  readonly tdmReserved?: boolean;
  /** What was asked for, where it is no document. */
  readonly kind?: 'sitemap' | 'feed' | 'robots' | 'tdmrep' | 'ai.txt' | 'rsl';
}

export interface WarcPosition {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

export type Outcome =
  /** A 2xx body: a revision, in the WARC. */
  | 'fetched'
  /** 304, or a 2xx body equal to the revision that is there: confirms it. */
  | 'unchanged'
  | 'redirect'
  /** 404 or 410. */
  | 'gone'
  /** Any other status, or no answer: changes nothing. */
  | 'failed'
  /** Not asked for: robots.txt. */
  | 'robots'
  /** Asked for, but of no use: media type, size, damaged encoding. */
  | 'refused';

/** What the log says about one document now. */
export interface CurrentRevision {
  readonly url: string;
  /** The entry with the greatest (date, digest) that carries a body; undefined when there never was one. */
  readonly revision?: FetchLogEntry;
  /** The last entry that says something about the document: a revision, a confirmation or its end; else any. */
  readonly last: FetchLogEntry;
  /** What counts of all that was said about its use: the newest word of each place. */
  readonly statements: readonly Statement[];
}

/** Folds the log to one row a document, by URL; the order of lines does not matter. A mere redirect is no document. */
export function currentRevisions(entries: readonly FetchLogEntry[]): CurrentRevision[] {
  const documents = new Map<string, Omit<CurrentRevision, 'url' | 'statements'> & Wishes>();
  for (const entry of entries) {
    if (entry.kind !== undefined) continue;
    const held = documents.get(entry.url);
    const revision = entry.outcome === 'fetched' ? later(held?.revision, entry) : held?.revision;
    documents.set(entry.url, {
      ...(revision && { revision }),
      last: laterSaying(held?.last, entry),
      ...laterWishes(held, entry),
    });
  }
  return [...documents]
    .map(([url, { revision, last, ...wishes }]) => ({
      ...{ url, last, statements: currentStatements(wishes, revision) },
      ...(revision && { revision }),
    }))
    .filter(({ last }) => last.outcome !== 'redirect')
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** 2xx, 304, 404 and 410 speak about the document; every other answer changes nothing. */
function speaks({ outcome }: FetchLogEntry): boolean {
  return outcome === 'fetched' || outcome === 'unchanged' || outcome === 'gone';
}

function laterSaying(a: FetchLogEntry | undefined, b: FetchLogEntry): FetchLogEntry {
  if (!a || speaks(a) === speaks(b)) return later(a, b);
  return speaks(a) ? a : b;
}

/** Dates of this form sort as text; equal ones are told apart by digest, then by the whole line. */
export function later(a: FetchLogEntry | undefined, b: FetchLogEntry): FetchLogEntry {
  if (!a) return b;
  const key = (entry: FetchLogEntry): string =>
    `${entry.date}\n${entry.digest ?? ''}\n${JSON.stringify(entry)}`;
  return key(a) >= key(b) ? a : b;
}
