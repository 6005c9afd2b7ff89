// A table's rows as an Arrow IPC stream, a record batch a row group: for `gristmill table --format arrow`. JSON values are
// their text, bytes stay bytes.

import { pipeline, Readable } from 'node:stream';
import {
  Binary,
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { canonicalJson, type Column, type Json, type Value } from '@gristmill/core';
import type { Batch } from './table.ts';

const types: Readonly<Record<Column['type'], () => DataType>> = {
  string: () => new Utf8(),
  int32: () => new Int32(),
  float64: () => new Float64(),
  boolean: () => new Bool(),
  bytes: () => new Binary(),
  json: () => new Utf8(),
};

/**
 * Chunks of an IPC stream; without a batch, one of no rows.
 * @param columns of the batches, in order; the key is one of them
 */
export async function* arrowStream(
  columns: readonly Column[],
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Uint8Array> {
  const schema = new Schema(
    columns.map(({ name, type, optional = false }) => new Field(name, types[type](), optional)),
  );
  const records = async function* () {
    let isEmpty = true;
    for await (const batch of batches) {
      yield recordBatch(schema, columns, batch);
      isEmpty = false;
    }
    if (isEmpty) yield recordBatch(schema, columns, { rows: 0, keys: [], columns: {} });
  };
  const writer = RecordBatchStreamWriter.throughNode({ autoDestroy: true });
  // A failure of the rows reaches whoever reads the chunks.
  pipeline(Readable.from(records()), writer, () => {});
  for await (const chunk of writer) yield chunk as Uint8Array;
}

function recordBatch(schema: Schema, columns: readonly Column[], batch: Batch): RecordBatch {
  const children = columns.map((column, i): Data => {
    const values = batch.columns[column.name] ?? [];
    return vectorFromArray(
      Array.from({ length: batch.rows }, (_, row) => arrowValue(column, values[row])),
      schema.fields[i].type,
    ).data[0];
  });
  const struct = makeData({ type: new Struct(schema.fields), length: batch.rows, nullCount: 0, children });
  return new RecordBatch(schema, struct);
}

function arrowValue({ type }: Column, value: Value): unknown {
  if (value === undefined) return null;
  return type === 'json' ? canonicalJson(value as Json) : value;
}
