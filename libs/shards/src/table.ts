// Document tables: what stages read and write. A table is a set of parts, one a partition; a part is a Parquet file
// whose rows are sorted by the key (the id, unless the table says otherwise) and cut into row groups by key prefix.
// Readers here are interfaces: the engine hands them out, stages use them in any thread.

import type { Column, Row, Value } from '@gristmill/core';
import type { RawPage } from './raw-page.ts';

export interface TableDefinition {
  /** Unique within its stage, kebab-case. */
  readonly name: string;
  /** Without the key column. */
  readonly columns: readonly Column[];
  /** The key column: lower-case hex of one length for all rows. Default `id`, which is unique; another may repeat. */
  readonly key?: string;
  /** Rows in a row group at most: 32 where text lies, 4,096 for narrow columns (the default). */
  readonly groupRows?: number;
}

/** Some consecutive rows by column: `keys[i]`, `columns.text[i]`. Values are those of core's `Column`. */
export interface Batch {
  readonly rows: number;
  /** The key column's values, sorted. */
  readonly keys: readonly string[];
  readonly columns: Readonly<Record<string, readonly Value[]>>;
}

/** A row group's columns as bytes. */
export interface PageBatch {
  readonly rows: number;
  /** By column, the key's among them; undefined for a column that the part lacks. */
  readonly pages: Readonly<Record<string, RawPage | undefined>>;
}

export type Change = { readonly key: string; readonly kind: 'added' | 'removed' | 'changed' };

/** One part, opened on first reading only. `digests` and `rows` cost nothing. */
export interface PartReader {
  readonly partition: number;
  readonly rows: number;
  /** Column → digest of its values in key order. Equal digests mean equal columns. */
  readonly digests: Readonly<Record<string, string>>;
  /** Batches in key order; `prefix` (hex) gives only the keys under it and reads only the row groups that may hold it. */
  batches(columns: readonly string[], options?: { prefix?: string }): AsyncGenerator<Batch>;
  /** Rows in key order. */
  readRows(columns: readonly string[], options?: { prefix?: string }): AsyncGenerator<Row>;
  /** The rows of these keys that exist, in key order; only row groups that may hold one are read. */
  get(keys: readonly string[], columns: readonly string[]): Promise<Row[]>;
  /**
   * The same rows without values made of them, a row group at a time: for loops over a whole table. Only of stored tables, not
   * of a join of several.
   */
  pages(columns: readonly string[]): AsyncGenerator<PageBatch>;
  /** What differs in these columns from another part of the same table, in key order; equal row groups are not read. */
  changes(previous: PartReader | undefined, columns: readonly string[]): AsyncGenerator<Change>;
}

/** All parts of a table that a task may read. */
export interface TableReader {
  readonly partitions: number;
  /** An empty part where the table has none. */
  part(partition: number): PartReader;
  readonly parts: readonly PartReader[];
  /** Rows of these ids, wherever they lie, in no promised order. Only for tables keyed by id. */
  get(ids: readonly string[], columns: readonly string[]): Promise<Row[]>;
}

/** Writes one part. Rows come in key order; a row that lacks a column which is not optional is an error. */
export interface TableWriter {
  write(row: Row): Promise<void>;
  writeAll(rows: Iterable<Row> | AsyncIterable<Row>): Promise<void>;
  /** The whole part by column. */
  writeColumns(batch: Batch): Promise<void>;
  /**
   * The whole part as an earlier part of this table with other rows in some places: unchanged ones are copied as bytes.
   * @returns rows that stay
   */
  patch(previous: PartReader, patch: PartPatch): Promise<number>;
}

/** What differs from an earlier part. Where a key has several rows, all of them go, and all that come are given. */
export interface PartPatch {
  /** Keys whose rows of the earlier part, where it has any, go or are replaced. */
  readonly removed: ReadonlySet<string>;
  /** Keys of the rows that come, sorted, each once; none stays in the earlier part. */
  readonly added: readonly string[];
  /** The rows of some of `added`, in order, each key asked for once. */
  rows(keys: readonly string[]): readonly Row[] | Promise<readonly Row[]>;
}
