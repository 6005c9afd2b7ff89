// What a part says about itself in its Parquet footer, under the key `gristmill`: format, version, columns, and for
// each row group its prefix, rows and the digest of every column chunk. A chunk's digest is the first 128 bits of
// SHA-256 over its bytes in the file, so unchanged row groups are known without decoding, and copied with it.
// A column's digest (in the part's marker) is a hash over those of its chunks, in order.

import { createHash } from 'node:crypto';
import { DataError, sha256, type Column } from '@gristmill/core';
import { tableFormat, tableVersion } from './table-schema.ts';

export interface FooterGroup {
  readonly prefix: string;
  readonly rows: number;
  /** One a column, in the order of the file's columns. */
  readonly digests: readonly string[];
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
  /** First 32 hex digits of SHA-256 over the Parquet footer, its length and the closing magic. */
  readonly footer: string;
  readonly columns: Readonly<Record<string, string>>;
}

export const footerName = 'gristmill';

export function chunkDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}

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
