// A table's columns as Parquet: types, the schema of a file, and the values that stages give and get.
// Everything is written PLAIN + zstd, small chunks uncompressed: a chunk's bytes depend on its values alone.

import type { SchemaElement } from 'hyparquet';
import {
  canonicalJson,
  DataError,
  type Column,
  type ColumnType,
  type Json,
  type Value,
} from '@gristmill/core';
import type { TableDefinition } from './table.ts';

export const tableFormat = 'gristmill-table';
export const tableVersion = 1;
export const defaultKey = 'id';
export const defaultGroupRows = 4096;

/** The key column first, then the others: the order of columns in a file. */
export function fileColumns(definition: TableDefinition): Column[] {
  return [{ name: definition.key ?? defaultKey, type: 'string' }, ...definition.columns];
}

const physical: Record<ColumnType, Pick<SchemaElement, 'type' | 'converted_type'>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  bytes: { type: 'BYTE_ARRAY' },
  int32: { type: 'INT32' },
  float64: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
};

export function fileSchema(columns: readonly Column[]): SchemaElement[] {
  const leaves = columns.map((column) => columnElement(column));
  return [{ name: 'root', num_children: columns.length }, ...leaves];
}

export function columnElement(column: Column): SchemaElement {
  return {
    ...physical[column.type],
    name: column.name,
    repetition_type: column.optional ? 'OPTIONAL' : 'REQUIRED',
  };
}

/** Values as they are written: JSON as canonical text, strings well formed. Throws DataError for a value of another type. */
export function encodeValues(column: Column, values: readonly Value[]): unknown[] {
  return values.map((value) => (value === undefined ? missing(column) : encodeValue(column, value)));
}

function encodeValue(column: Column, value: NonNullable<Value> | null): unknown {
  switch (column.type) {
    case 'json':
      return canonicalJson(value as Json);
    case 'string':
      if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
      break;
    case 'int32':
      if (typeof value === 'number' && (value | 0) === value) return value;
      break;
    case 'float64':
      if (typeof value === 'number') return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'bytes':
      if (value instanceof Uint8Array) return value;
  }
  throw new DataError(
    'wrong-column-value',
    `column ${column.name} is ${column.type} and was given ${typeof value} ${String(value).slice(0, 40)}`,
    'this is a fault of the stage that writes it: correct its columns or its values',
  );
}

function missing(column: Column): undefined {
  if (column.optional) return undefined;
  throw new DataError(
    'missing-column-value',
    `column ${column.name} is not optional and was given nothing`,
    'this is a fault of the stage that writes it: declare the column optional or give a value',
  );
}

/** Values as stages get them. Parquet's null is `undefined`; JSON is parsed. */
export function decodeValues(column: Column, values: ArrayLike<unknown>): Value[] {
  const decoded = new Array<Value>(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? undefined;
    decoded[i] =
      column.type === 'json' && value !== undefined
        ? (JSON.parse(value as string) as Value)
        : (value as Value);
  }
  return decoded;
}
