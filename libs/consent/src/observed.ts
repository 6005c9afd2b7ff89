// What is read for statements: one document and its host, as they answered.

import type { ConsentPolicy } from './statement.ts';

/** What a file says of itself in its own metadata. */
export interface EmbeddedWishes {
  /** The place in the file: `content.opf`, `XMP`. */
  readonly where: string;
  /** `tdm:reservation`. */
  readonly reservation?: string;
  /** `tdm:policy`. */
  readonly policyUrl?: string;
  /** `plus:DataMining`. */
  readonly dataMining?: string;
}

/** A host's file as it was fetched; without text it could not be had. */
export interface HostFile {
  readonly url?: string;
  readonly text?: string;
  readonly fetchedAt?: string;
}

/** One document and its host, as they answered. Everything but the address may be missing. */
export interface Observed {
  readonly url: string;
  /** ISO 8601. */
  readonly fetchedAt?: string;
  readonly status?: number;
  readonly mediaType?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** `meta` elements of a page: name and content. */
  readonly meta?: readonly { readonly name: string; readonly content: string }[];
  /** Metadata inside a book or a PDF. */
  readonly embedded?: EmbeddedWishes;
  readonly robots?: HostFile;
  readonly tdmrep?: HostFile;
  readonly aiTxt?: HostFile;
  /** Licence files that robots.txt, a header or the page names. */
  readonly rsl?: readonly HostFile[];
}

export interface Reader extends ConsentPolicy {
  /** Product token of our crawler. */
  readonly agent: string;
}
