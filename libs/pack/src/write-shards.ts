// Writes planned shards, stretch by stretch. Tokens of documents that did not change are copied from earlier shards, where
// neighbours lie beside each other; one pass over the table of documents puts the others' into scratch, a bucket for
// each stretch. Memory: one stretch of tokens, and about 40 bytes for each document of one shard.

import type { PhaseTask } from '@gristmill/corpus';
import { ShardColumns, streamShard, type ShardEntry } from '@gristmill/shards';
import type { PackOptions } from './pack-options.ts';
import { openEarlierTokens, type EarlierPlaces, type EarlierTokens } from './earlier-shards.ts';
import { idBytes, nameBytes } from './packed-documents.ts';
import type { Plan, ShardPlans } from './shard-plan.ts';
import { storedTokens } from './stored-tokens.ts';
import type { TokenizerFacts } from './text-encoder.ts';

/** Tokens of consecutive rows of one shard that are held together; a longer document is one by itself. */
const stretchBytes = 8 << 20;

interface OpenShard {
  readonly plan: Plan;
  readonly number: number;
  /** Bucket of loss masks; those of the stretches follow. */
  readonly bucket: number;
  /** First row of each stretch, and the number of rows. */
  readonly stretches: readonly number[];
}

export interface WritingOptions {
  /** Numbers of plans. */
  readonly wanted: readonly number[];
  readonly tokenizer: TokenizerFacts;
  readonly earlier: EarlierPlaces | undefined;
}

interface Writing {
  readonly task: PhaseTask<PackOptions>;
  readonly planned: ShardPlans;
  readonly tokenizer: TokenizerFacts;
  readonly earlier: EarlierPlaces | undefined;
}

/** @returns number of the plan → its shard */
export async function writeShards(
  task: PhaseTask<PackOptions>,
  planned: ShardPlans,
  { wanted, tokenizer, earlier }: WritingOptions,
): Promise<Map<number, ShardEntry>> {
  const writing = { task, planned, tokenizer, earlier };
  const open = openShards(planned, wanted, tokenizer.width);
  if (open.size > 0) await distribute(writing, open);
  const written = new Map<number, ShardEntry>();
  for (const [number, shard] of open) written.set(number, await writeShard(writing, shard));
  return written;
}

function openShards(planned: ShardPlans, wanted: readonly number[], width: number) {
  const open = new Map<number, OpenShard>();
  let bucket = 0;
  for (const number of wanted) {
    const plan = planned.plans[number];
    const stretches = cutStretches(plan, planned.documents.tokens, width);
    open.set(number, { plan, number, bucket, stretches });
    bucket += stretches.length;
  }
  return open;
}

function cutStretches({ places }: Plan, tokens: Uint32Array, width: number): number[] {
  const starts = [0];
  let held = 0;
  places.forEach((place, row) => {
    const bytes = tokens[place] * width;
    if (held > 0 && held + bytes > stretchBytes) {
      starts.push(row);
      held = 0;
    }
    held += bytes;
  });
  return [...starts, places.length];
}

const numberLength = 4;

/** Puts tokens and masks that no earlier shard has into scratch. */
async function distribute(
  { task, planned: { documents, shards, rows }, earlier }: Writing,
  open: ReadonlyMap<number, OpenShard>,
): Promise<void> {
  for (const part of task.input('documents').parts) {
    const [first, end] = [documents.firsts[part.partition], documents.firsts[part.partition + 1]];
    const wanted: number[] = [];
    for (let place = first; place < end; place++)
      if (open.has(shards[place]) && !(earlier && earlier.numbers[place] >= 0)) wanted.push(place);
    for await (const { place, tokens, mask } of storedTokens(part, documents, wanted)) {
      const shard = open.get(shards[place])!;
      const number = numberBytes(rows[place]);
      if (mask) task.scratch.add(shard.bucket, Buffer.concat([number, mask]));
      task.scratch.add(bucketOf(shard, rows[place]), Buffer.concat([number, tokens]));
    }
    await task.progress(0);
  }
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(numberLength);
  bytes.writeUInt32LE(value);
  return bytes;
}

const rowOf = (record: Uint8Array): number =>
  Buffer.from(record.buffer, record.byteOffset, numberLength).readUInt32LE(0);

function bucketOf({ bucket, stretches }: OpenShard, row: number): number {
  let [low, high] = [0, stretches.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (stretches[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return bucket + 1 + low;
}

async function writeShard(writing: Writing, shard: OpenShard): Promise<ShardEntry> {
  const { task, planned, tokenizer, earlier } = writing;
  const { documents } = planned;
  const { places, place } = shard.plan;
  const columns = new ShardColumns(places.map((document) => documents.tokens[document]));
  for (let row = 0; row < places.length; row++) {
    const name = places[row] * nameBytes;
    documents.names.copy(columns.ids, row * idBytes, name, name + idBytes);
    columns.set(row, documents.facts(places[row]));
  }
  for (const record of task.scratch.read(shard.bucket))
    columns.setMask(rowOf(record), record.subarray(numberLength));
  const copy = earlier && openEarlierTokens(task.previous!, tokenizer.width);
  const tokens = () => stretchesOf(writing, shard, { offsets: columns.offsets, copy });
  const streamed = await streamShard(columns, { dtype: tokenizer.dtype, place, tokens });
  await task.writeFile(streamed.shard.file, streamed.bytes());
  await task.progress(columns.documents, streamed.shard.bytes);
  return streamed.shard;
}

interface Stretching {
  readonly offsets: Int32Array;
  readonly copy: EarlierTokens | undefined;
}

/** Each valid until the next. */
async function* stretchesOf(
  writing: Writing,
  shard: OpenShard,
  { offsets, copy }: Stretching,
): AsyncGenerator<Uint8Array> {
  const { task, tokenizer } = writing;
  const { bucket, stretches } = shard;
  const { width } = tokenizer;
  const end = numberBytes(tokenizer.endOfText).subarray(0, width);
  let room = Buffer.alloc(0);
  for (let stretch = 0; stretch + 1 < stretches.length; stretch++) {
    const [first, last] = [stretches[stretch], stretches[stretch + 1]];
    const from = offsets[first];
    const length = (offsets[last] - from) * width;
    if (room.length < length) room = Buffer.allocUnsafeSlow(length);
    const bytes = room.subarray(0, length);
    if (copy) {
      for (const run of earlierRuns(writing, shard.plan, first, last)) {
        const at = (offsets[run.row] - from) * width;
        await copy(run.shard, run.start, run.count, bytes.subarray(at));
      }
    }
    for (const record of task.scratch.read(bucket + 1 + stretch)) {
      const at = (offsets[rowOf(record)] - from) * width;
      bytes.set(record.subarray(numberLength), at);
      bytes.set(end, at + record.length - numberLength);
    }
    if (length > 0) yield bytes;
  }
}

interface EarlierRun {
  readonly shard: ShardEntry;
  /** First row in the new shard. */
  readonly row: number;
  /** First token in the earlier shard, and how many. */
  readonly start: number;
  count: number;
}

/** Rows [first, last) of a shard that lie in earlier ones, those that are neighbours there as one. */
function* earlierRuns(
  { planned: { documents }, earlier }: Writing,
  { places }: Plan,
  first: number,
  last: number,
): Generator<EarlierRun> {
  const { numbers, starts, shards } = earlier!;
  let run: EarlierRun | undefined;
  for (let row = first; row < last; row++) {
    const place = places[row];
    const number = numbers[place];
    if (run && (number < 0 || run.shard !== shards[number] || run.start + run.count !== starts[place])) {
      yield run;
      run = undefined;
    }
    if (number < 0) continue;
    run ??= { shard: shards[number], row, start: starts[place], count: 0 };
    run.count += documents.tokens[place];
  }
  if (run) yield run;
}
