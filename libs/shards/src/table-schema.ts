// A table's columns as they lie in a file, and the constants of the format.

import type { Column } from '@gristmill/core';
import type { TableDefinition } from './table.ts';

export const tableFormat = 'gristmill-table';
/** 2: sizes of chunks in the footer, pages pledged to zstd, values below 1,024 bytes uncompressed. */
export const tableVersion = 2;
export const defaultKey = 'id';
export const defaultGroupRows = 4096;

/** The key column first, then the others: the order of columns in a file. */
export function fileColumns(definition: TableDefinition): Column[] {
  return [{ name: definition.key ?? defaultKey, type: 'string' }, ...definition.columns];
}
