// Writes planned shards. One pass over the documents puts what belongs to each stretch of a shard into scratch; then each
// shard is written stretch by stretch. Memory: one stretch of tokens, and about 40 bytes for each document of one shard.

import type { PhaseTask } from '@gristmill/corpus';
import { ShardColumns, streamShard, type ShardEntry } from '@gristmill/shards';
import type { PackOptions } from './pack-options.ts';
import { listKey, type Plan, type ShardPlans } from './shard-plan.ts';
import type { TokenizerFacts } from './text-encoder.ts';

/** Tokens of consecutive rows of one shard that are held together; a longer document is one by itself. */
const stretchBytes = 8 << 20;

interface OpenShard {
  readonly plan: Plan;
  readonly number: number;
  /** Bucket of what is no token; those of the stretches follow. */
  readonly bucket: number;
  /** First row of each stretch, and the number of rows. */
  readonly stretches: readonly number[];
}

type Facts = Parameters<ShardColumns['set']>[1];

/** @returns number of the plan → its shard */
export async function writeShards(
  task: PhaseTask<PackOptions>,
  { plans, lineages }: ShardPlans,
  { wanted, tokenizer }: { wanted: readonly number[]; tokenizer: TokenizerFacts },
): Promise<Map<number, ShardEntry>> {
  const open = openShards(plans, wanted, tokenizer.width);
  if (open.size > 0) await distribute(task, lineages, open);
  const written = new Map<number, ShardEntry>();
  for (const [number, shard] of open) written.set(number, await writeShard(task, shard, tokenizer));
  return written;
}

function openShards(plans: readonly Plan[], wanted: readonly number[], width: number) {
  const open = new Map<number, OpenShard>();
  let bucket = 0;
  for (const number of wanted) {
    const plan = plans[number];
    const stretches = cutStretches(plan, width);
    open.set(number, { plan, number, bucket, stretches });
    bucket += stretches.length;
  }
  return open;
}

function cutStretches({ members, places }: Plan, width: number): number[] {
  const starts = [0];
  let held = 0;
  places.forEach((place, row) => {
    const bytes = members.tokens(place) * width;
    if (held > 0 && held + bytes > stretchBytes) {
      starts.push(row);
      held = 0;
    }
    held += bytes;
  });
  return [...starts, places.length];
}

const numberLength = 4;

async function distribute(
  task: PhaseTask<PackOptions>,
  lineages: ShardPlans['lineages'],
  open: ReadonlyMap<number, OpenShard>,
): Promise<void> {
  const next = new Map<string, number>();
  const columns = ['split', 'source', 'language', 'domain', 'topic', 'quality', 'tokens', 'mask'];
  for (const part of task.input('documents').parts) {
    for await (const row of part.readRows(columns)) {
      const { split, source, tokens, mask, id: _id, ...facts } = row;
      const key = listKey(split as string, source as string);
      const place = next.get(key) ?? 0;
      next.set(key, place + 1);
      const { shards, rows } = lineages.get(key)!;
      const shard = open.get(shards[place]);
      if (!shard) continue;
      const number = numberBytes(rows[place]);
      const [bytes, lossMask] = [tokens as Uint8Array, (mask ?? new Uint8Array(0)) as Uint8Array];
      const told = Buffer.from(JSON.stringify(facts));
      task.scratch.add(shard.bucket, Buffer.concat([number, numberBytes(told.length), told, lossMask]));
      task.scratch.add(bucketOf(shard, rows[place]), Buffer.concat([number, bytes]));
    }
    await task.progress(0);
  }
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(numberLength);
  bytes.writeUInt32LE(value);
  return bytes;
}

function bucketOf({ bucket, stretches }: OpenShard, row: number): number {
  let [low, high] = [0, stretches.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (stretches[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return bucket + 1 + low;
}

async function writeShard(
  task: PhaseTask<PackOptions>,
  shard: OpenShard,
  { dtype, width, endOfText }: TokenizerFacts,
): Promise<ShardEntry> {
  const { members, places, place } = shard.plan;
  const columns = new ShardColumns(Uint32Array.from(places, (member) => members.tokens(member)));
  places.forEach((member, row) => columns.ids.set(members.name(member).subarray(0, 16), row * 16));
  for (const record of task.scratch.read(shard.bucket)) readFacts(record, columns);
  const end = numberBytes(endOfText).subarray(0, width);
  const tokens = () => stretchesOf(task, shard, { columns, width, end });
  const streamed = await streamShard(columns, { dtype, place, tokens });
  await task.writeFile(streamed.shard.file, streamed.bytes());
  await task.progress(columns.documents, streamed.shard.bytes);
  return streamed.shard;
}

/** A record is the row, the length of the facts, the facts as JSON, the loss mask. */
function readFacts(record: Uint8Array, columns: ShardColumns): void {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.length);
  const factsEnd = 2 * numberLength + bytes.readUInt32LE(numberLength);
  const facts = JSON.parse(bytes.toString('utf8', 2 * numberLength, factsEnd)) as Facts;
  columns.set(bytes.readUInt32LE(0), facts, factsEnd < bytes.length ? bytes.subarray(factsEnd) : undefined);
}

interface Stretching {
  readonly columns: ShardColumns;
  readonly width: number;
  /** The end-of-text token, little-endian. */
  readonly end: Uint8Array;
}

function* stretchesOf(
  task: PhaseTask<PackOptions>,
  { bucket, stretches }: OpenShard,
  { columns: { offsets }, width, end }: Stretching,
): Generator<Uint8Array> {
  for (let stretch = 0; stretch + 1 < stretches.length; stretch++) {
    const [from, to] = [offsets[stretches[stretch]], offsets[stretches[stretch + 1]]];
    const bytes = Buffer.alloc((to - from) * width);
    for (const record of task.scratch.read(bucket + 1 + stretch)) {
      const row = Buffer.from(record.buffer, record.byteOffset, numberLength).readUInt32LE(0);
      const at = (offsets[row] - from) * width;
      bytes.set(record.subarray(numberLength), at);
      bytes.set(end, at + record.length - numberLength);
    }
    if (bytes.length > 0) yield bytes;
  }
}
