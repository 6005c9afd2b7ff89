// What a part says about itself in its Parquet footer, under the key `gristmill`: format, version, columns, and for
// each row group its prefix, rows and the size and digest of every column chunk. A chunk's digest is the first 128 bits of
// SHA-256 over its bytes in the file, so unchanged row groups are known without decoding, and copied with it.
// A column's digest (in the part's marker) is a hash over those of its chunks, in order.

import { hash } from 'node:crypto';
import { DataError, sha256, type Column } from '@gristmill/core';
import { tableFormat, tableVersion } from './table-schema.ts';

export interface FooterGroup {
  readonly prefix: string;
  readonly rows: number;
  /** One a column, in the order of the file's columns. */
  readonly digests: readonly string[];
  /** Bytes of each column's chunk in the file, and what they would be without compression (equal: not compressed). */
  readonly sizes: readonly number[];
  readonly rawSizes: readonly number[];
  /** What a stage counted over the group's rows: kept with the group, so that copying it needs no reading. */
  readonly counts?: Counts;
}

/** Name → amount; sums over groups, parts and partitions. */
export type Counts = Readonly<Record<string, number>>;

/** Adds up counts, names sorted. */
export function sumCounts(all: Iterable<{ readonly counts?: Counts }>): Counts {
  const sums = new Map<string, number>();
  for (const { counts } of all) {
    for (const [name, amount] of Object.entries(counts ?? {})) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export interface PartFooter {
  readonly format: typeof tableFormat;
  readonly version: number;
  readonly key: string;
  readonly groupRows: number;
  readonly columns: readonly Column[];
  readonly groups: readonly FooterGroup[];
}

/** What a marker or manifest says about a part. */
export interface PartEntry {
  readonly path: string;
  readonly partition: number;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** First 32 hex digits of SHA-256 over the file from the PartFooter's JSON to its end. */
  readonly footer: string;
  readonly columns: Readonly<Record<string, string>>;
  /** Sums of the row groups' counts. */
  readonly counts?: Counts;
}

export const footerName = 'gristmill';

/** Chunks of fewer bytes than this are few in kind (columns without values above all): their digests are remembered. */
const smallBytes = 48;
const mostSmall = 1 << 14;
const smallDigests = new Map<string, string>();

export function chunkDigest(bytes: Uint8Array): string {
  if (bytes.length >= smallBytes) return digestOf(bytes);
  const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const known = smallDigests.get(name);
  if (known !== undefined) return known;
  const digest = digestOf(bytes);
  if (smallDigests.size < mostSmall) smallDigests.set(name, digest);
  return digest;
}

const digestOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url').slice(0, 22);

export function columnDigests(footer: Pick<PartFooter, 'columns' | 'groups'>): Record<string, string> {
  const digests: Record<string, string> = {};
  footer.columns.forEach((column, index) => {
    digests[column.name] = sha256(footer.groups.map((group) => group.digests[index]).join('\n')).slice(0, 32);
  });
  return digests;
}

export function parseFooter(text: string | undefined, path: string): PartFooter {
  const footer = text === undefined ? undefined : (JSON.parse(text) as PartFooter);
  if (footer?.format !== tableFormat) throw damagedPart(path, 'it is no table of Gristmill');
  if (footer.version !== tableVersion) {
    const [age, advice] =
      footer.version > tableVersion ? ['newer', 'update Gristmill'] : ['older', 'build the corpus again'];
    throw new DataError(
      'table-version',
      `${path} has version ${footer.version}, which is ${age} than ${tableVersion}`,
      advice,
    );
  }
  return footer;
}

export function damagedPart(path: string, how: string, cause?: unknown): DataError {
  return new DataError(
    'part-damaged',
    `${path} is damaged: ${how}`,
    'run `gristmill fsck --repair` on the corpus: it computes the part again',
    { cause },
  );
}
