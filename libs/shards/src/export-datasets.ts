// A folder that Hugging Face's `datasets.load_from_disk` opens: `dataset_dict.json`, and for each split Arrow streams
// with columns `id` and `input_ids` (int32), their description and a fingerprint.

import { createHash } from 'node:crypto';
import {
  Field,
  Int32,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  type Data,
} from 'apache-arrow';
import { shardsOf } from './export-binary.ts';
import type { PutFile } from './export-tokens.ts';
import type { ShardEntry } from './token-index.ts';
import type { Tokens } from './token-reader.ts';

const itemField = new Field('item', new Int32(), true);
const schema = new Schema([
  new Field('id', new Utf8(), true),
  new Field('input_ids', new List(itemField), true),
]);
/** Documents of a record batch, which is the unit that `datasets` maps into memory. */
const batchRows = 1000;

export async function exportDatasets(tokens: Tokens, put: PutFile): Promise<void> {
  const splits = Object.keys(tokens.index.splits);
  await put('dataset_dict.json', once(JSON.stringify({ splits })));
  for (const split of splits) {
    const shards = shardsOf(tokens, split);
    const names = shards.map((_, i) => `data-${pad(i)}-of-${pad(shards.length)}.arrow`);
    for (const [i, shard] of shards.entries()) await put(`${split}/${names[i]}`, encodeStream(tokens, shard));
    await put(`${split}/dataset_info.json`, once(JSON.stringify(describeColumns())));
    await put(`${split}/state.json`, once(JSON.stringify(describeState(shards, names, split))));
  }
}

async function* encodeStream(tokens: Tokens, shard: ShardEntry): AsyncGenerator<Uint8Array> {
  const writer = new RecordBatchStreamWriter();
  const feed = async () => {
    for await (const batch of recordBatches(tokens, shard)) writer.write(batch);
    writer.finish();
  };
  const fed = feed();
  for await (const chunk of writer) yield chunk as Uint8Array;
  await fed;
}

async function* recordBatches(tokens: Tokens, shard: ShardEntry): AsyncGenerator<RecordBatch> {
  let ids: string[] = [];
  let rows: ArrayLike<number>[] = [];
  for await (const document of tokens.documents(shard)) {
    ids.push(document.id);
    rows.push(document.tokens);
    if (rows.length < batchRows) continue;
    yield encodeBatch(ids, rows);
    [ids, rows] = [[], []];
  }
  if (rows.length > 0) yield encodeBatch(ids, rows);
}

function encodeBatch(ids: readonly string[], rows: readonly ArrayLike<number>[]): RecordBatch {
  const length = ids.length;
  const text = Buffer.from(ids.join(''));
  const idEnds = Int32Array.from({ length: length + 1 }, (_, i) => i * 32);
  const ends = new Int32Array(length + 1);
  rows.forEach((row, i) => (ends[i + 1] = ends[i] + row.length));
  const flat = new Int32Array(ends[length]);
  rows.forEach((row, i) => flat.set(row, ends[i]));
  const child = makeData({ type: new Int32(), length: flat.length, nullCount: 0, data: flat });
  const children: Data[] = [
    makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets: idEnds, data: text }),
    makeData({ type: new List(itemField), length, nullCount: 0, valueOffsets: ends, child }),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

function describeColumns(): object {
  const value = (dtype: string) => ({ dtype, _type: 'Value' });
  const features = { id: value('string'), input_ids: { feature: value('int32'), _type: 'Sequence' } };
  return { citation: '', description: '', features, homepage: '', license: '' };
}

function describeState(shards: readonly ShardEntry[], names: readonly string[], split: string): object {
  const digest = createHash('sha256').update(shards.map((shard) => shard.sha256).join());
  return {
    _data_files: names.map((filename) => ({ filename })),
    _fingerprint: digest.digest('hex').slice(0, 16),
    _format_columns: null,
    _format_kwargs: {},
    _format_type: null,
    _output_all_columns: false,
    _split: split,
  };
}

function pad(number: number): string {
  return String(number).padStart(5, '0');
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
