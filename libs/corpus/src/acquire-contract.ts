// What import and crawl owe the engine. An importer opens one file and yields its items; a crawler keeps WARC files
// and a fetch log in a folder of its own and reads the current revisions back from them. Neither writes a table.

import type { Statement } from '@gristmill/consent';
import type { JsonObject, OptionSchema, RawItem, SourceKind, StageReference } from '@gristmill/core';

export interface ImportFile {
  readonly source: { readonly name: string; readonly kind: SourceKind };
  /** Relative to the source's root, forward slashes: this goes into ids. */
  readonly path: string;
  /** Where the file lies on this machine, bytes where its name is no UTF-8: open it, never let it into an item. */
  readonly location: string | Buffer;
  readonly options: JsonObject;
  /** Only this stretch of the file is read. */
  readonly share?: FileShare;
}

/** A stretch of a large file, which one thread reads while others read its other stretches. */
export interface FileShare {
  /** One of those that `split` gave. */
  readonly stretch: JsonObject;
  /** Takes each name inside the file that an item asks for or gets: one that two stretches have is told apart in one piece. */
  note(name: string): void;
  /** The stretch does not stand by itself: the file is read in one piece. */
  refuse(): void;
}

/**
 * `sources[].import` of a recipe names one. Called once for each file that is new or changed, in any thread. The same
 * bytes and path give the same items. A file that cannot be read yields one item with a verdict and no bytes.
 */
export interface Importer {
  readonly name: string;
  /** Raise when the items change for the same file: all files are then imported again. */
  readonly version: number;
  /** What a recipe may say to it, for the reference; `check` is what refuses. */
  readonly options?: OptionSchema;
  /** One sentence for the reference. */
  readonly description?: string;
  /** Throws DataError for a wrong option. */
  check?(options: JsonObject): void;
  /** What else shapes the items, from outside the recipe: the number of a key. All files are imported again when it changes. */
  identity?(options: JsonObject): JsonObject;
  items(file: ImportFile): AsyncIterable<RawItem>;
  /**
   * Stretches of a large file, which together give the items that the whole gives; undefined where it must be read in one
   * piece. What it costs is one thread's work, so it finds borders and leaves reading to `items`.
   * @param bytes about how many of them, decoded, a stretch has
   */
  split?(file: ImportFile, bytes: number): Promise<readonly JsonObject[] | undefined>;
}

/** What a fetched item adds to a RawItem. These columns live in the acquire table only; no later stage reads them. */
export interface FetchFacts {
  /** ISO 8601, of the last confirmation. */
  readonly fetchedAt: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly status?: number;
  /** File in the source's raw folder that holds the revision; a manifest names these. */
  readonly file?: string;
}
export type FetchedItem = RawItem & { readonly fetch?: FetchFacts };

/** Opens fetched bodies as files are opened. A crawler names one (`opens`), since no stage imports another. */
export interface BodyOpener {
  readonly name: string;
  /** Raise when the items change for the same body: all are then opened again. */
  readonly version: number;
  /** The items of a body, in order; never throws for what is in it. */
  open(item: FetchedItem): AsyncIterable<FetchedItem>;
}

export interface CrawlRequest {
  readonly source: { readonly name: string; readonly kind: SourceKind };
  /** `sources[].crawl.options`: seeds, scope, limits; part of the recipe's identity. */
  readonly options: JsonObject;
  /** `sources[].where`: host map, proxy, private addresses, delays; no part of any key or manifest. */
  readonly where: JsonObject;
  /** A local folder that belongs to this source: raw/<source name>/ of the corpus. */
  readonly folder: string;
}

export interface CrawlOutcome {
  /** Hosts that asked to come back later: the crawl is not complete, and goes on with the next run. */
  readonly waitsFor: readonly string[];
}

/** `sources[].crawl` of a recipe names one. */
export interface Crawler {
  readonly name: string;
  readonly version: number;
  /** What a recipe may say to it, for the reference; `check` is what refuses. */
  readonly options?: OptionSchema;
  /** One sentence for the reference. */
  readonly description?: string;
  /** Of `sources[].where`: how to get there. */
  readonly where?: OptionSchema;
  check?(options: JsonObject): void;
  /** What opens the bodies of its items. */
  readonly opens?: StageReference;
  /** True when the folder holds a fetch log of a finished crawl: then `run` stays off the network without --refresh. */
  isComplete(folder: string): Promise<boolean>;
  /** Goes to the network: conditional requests by due time; resumes; stops between requests on `signal`. */
  refresh(
    request: CrawlRequest & {
      signal: AbortSignal;
      progress(done: number, known: number, bytes: number): void;
    },
  ): Promise<CrawlOutcome | void>;
  /** Current revisions from the folder alone: a function of its files. 404 and 410 yield an item with a verdict. */
  items(request: Pick<CrawlRequest, 'source' | 'options' | 'folder'>): AsyncIterable<FetchedItem>;
  /** What had been said of each address by a moment of the past, ISO 8601; those not fetched by then are left out. */
  saidUntil?(folder: string, until: string): Promise<ReadonlyMap<string, readonly Statement[]>>;
  /** Rewrites the WARC files and the index without what `isForgotten` tells. @returns the files that changed */
  forget?(folder: string, isForgotten: (url: string, id: string) => boolean): Promise<string[]>;
}
