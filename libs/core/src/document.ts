// The nouns of a corpus: what acquire yields (raw items) and what extract makes of them (documents).

import type { Json } from './json.ts';

/** Where an item comes from. `name` is the source's name in the recipe, `kind` decides its policy. */
export interface Source {
  readonly name: string;
  readonly kind: SourceKind;
  /** Canonical URL of something fetched. */
  readonly url?: string;
  /** Path relative to the source's root, with forward slashes; never absolute. */
  readonly path?: string;
  /** Name of the item inside its container: a path where there is one, else an ordinal. */
  readonly item?: string;
}

export type SourceKind = 'book' | 'article' | 'web' | 'post';

/** What crawl and import yield: bytes with a name. `group` names the book, thread or page series it belongs to. */
export interface RawItem {
  /** 32 hex digits, see `documentId`. */
  readonly id: string;
  readonly bytes: Uint8Array;
  /** For example `text/html`; a hint, extract decides by content. */
  readonly mediaType: string;
  /** Charset that the transport declared, as written there. */
  readonly charset?: string;
  readonly source: Source;
  readonly group?: string;
  /** What was said about its use. */
  readonly consent?: SaidOfUse;
  /** Facts known before the text is read: title, author, licence, language, date, order in a book. */
  readonly metadata?: Metadata;
  /** Set when the item could not be read: it keeps its row, with this verdict and no bytes. */
  readonly verdict?: Verdict;
}

/** What sites, books and licences said about training on an item, as libs/consent reads it: signals, no decision. */
export interface SaidOfUse {
  /** Words for what refuses, sorted. */
  readonly refusals: readonly string[];
  /** Words for what allows, sorted. */
  readonly permissions: readonly string[];
  /** The same two for a search index. */
  readonly searchRefusals: readonly string[];
  readonly searchPermissions: readonly string[];
  /** All statements, with their evidence. */
  readonly statements: Json;
}

export interface Metadata {
  readonly title?: string;
  readonly author?: string;
  /** ISO 8601 date. */
  readonly date?: string;
  /** BCP 47 tag as declared by the source. */
  readonly language?: string;
  readonly licence?: string;
  readonly siteName?: string;
  readonly canonicalUrl?: string;
  /** Title of the book that the text is a chapter of. */
  readonly partOf?: string;
  /** `notes` or `aside`: outside the reading order of what it belongs to. */
  readonly role?: string;
  /** Position in its group, from 0. */
  readonly order?: number;
}

export interface Document {
  readonly id: string;
  readonly text: string;
  readonly source: Source;
  readonly metadata: Metadata;
}

/** Why a document is not used: data, kept in its row. `detail` holds no path, time or engine message. */
export interface Verdict {
  readonly stage: string;
  readonly reason: string;
  readonly detail?: string;
}
