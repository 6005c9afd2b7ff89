// Where the tokens of documents that did not change lie in the shards of the previous build. A document's tokens and loss
// mask are a function of its prepared text, its source and the stage key, which the previous task shares: same digest and
// source, same tokens.

import type { PhaseTask, PreviousTask } from '@gristmill/corpus';
import { blockBytes, damagedPart, isBlockIntact, type PartReader, type ShardEntry } from '@gristmill/shards';
import { CodedTexts } from './coded-texts.ts';
import type { PackOptions } from './pack-options.ts';
import type { PackedDocuments } from './packed-documents.ts';

export interface EarlierPlaces {
  readonly shards: readonly ShardEntry[];
  /** By place: number in `shards`, −1 for a document that they lack. */
  readonly numbers: Int32Array;
  /** First token there. */
  readonly starts: Uint32Array;
}

/** @param shards those of the previous build that are still there @param isWanted whether a group's tokens may be copied */
export async function findEarlier(
  task: PhaseTask<PackOptions>,
  documents: PackedDocuments,
  { shards, isWanted }: { shards: readonly ShardEntry[]; isWanted: (group: number) => boolean },
): Promise<EarlierPlaces | undefined> {
  const { previous } = task;
  if (previous === undefined || shards.length === 0) return undefined;
  const numbers = new Int32Array(documents.count).fill(-1);
  const places: EarlierPlaces = { shards, numbers, starts: new Uint32Array(documents.count) };
  const addLineage = createLineageReader(documents, places);
  for (let partition = 0; partition < task.partitions; partition++) {
    await addLineage(previous.output('lineage').part(partition), partition);
    const now = task.input('documents').part(partition);
    const before = previous.input('documents').part(partition);
    for await (const { key } of now.changes(before, ['source', 'digest'])) {
      const place = findPlace(documents, partition, Buffer.from(key));
      if (place >= 0) numbers[place] = -1;
    }
  }
  documents.groupOf.forEach((group, place) => isWanted(group) || (numbers[place] = -1));
  return places;
}

function createLineageReader(documents: PackedDocuments, { shards, numbers, starts }: EarlierPlaces) {
  const files = new CodedTexts(0);
  const byName = new Map(shards.map(({ file }, number) => [file, number]));
  return async (lineage: PartReader, partition: number): Promise<void> => {
    let place = documents.firsts[partition];
    const end = documents.firsts[partition + 1];
    for await (const { rows, pages } of lineage.pages(['file', 'start'])) {
      const [id, file, start] = [pages.id!, pages.file!, pages.start!];
      for (let row = 0; row < rows && place < end; row++) {
        let order = 1;
        while (place < end && (order = documents.compareId(place, id.plain, id.starts[row] + 4)) < 0) place++;
        if (place === end || order > 0) continue;
        numbers[place] = byName.get(files.texts[files.codeOf(file, row)]) ?? -1;
        starts[place++] = start.plain.readDoubleLE(start.starts[row]);
      }
    }
  };
}

/** −1 for none. */
function findPlace(documents: PackedDocuments, partition: number, hex: Uint8Array): number {
  let [low, high] = [documents.firsts[partition], documents.firsts[partition + 1]];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = documents.compareId(middle, hex, 0);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

const blocksAtOnce = 4;

/** Reads tokens of earlier shards, each block checked against its sum; who goes forward reads each block once. */
export function openEarlierTokens(previous: PreviousTask, width: number) {
  const perBlock = blockBytes / width;
  const room = Buffer.allocUnsafeSlow(blocksAtOnce * blockBytes);
  let held: { shard?: ShardEntry; bytes: Uint8Array; from: number; to: number } = {
    bytes: new Uint8Array(0),
    from: 0,
    to: 0,
  };

  async function hold(shard: ShardEntry, token: number): Promise<void> {
    const first = Math.floor(token / perBlock);
    const [from, to] = [first * perBlock, Math.min((first + blocksAtOnce) * perBlock, shard.tokens)];
    const bytes = await readTokens(previous, shard, from * width, room.subarray(0, (to - from) * width));
    const sums = Buffer.from(shard.blocks, 'base64');
    for (let at = 0, block = first; at < bytes.length; at += blockBytes, block++) {
      if (!isBlockIntact(bytes.subarray(at, at + blockBytes), sums, block))
        throw damagedPart(shard.file, `block ${block} of its tokens has other bytes than were written`);
    }
    held = { shard, bytes, from, to };
  }

  /** Copies `count` tokens from `start` on to `into`. */
  return async (shard: ShardEntry, start: number, count: number, into: Uint8Array): Promise<void> => {
    for (let done = 0; done < count;) {
      const token = start + done;
      if (held.shard !== shard || token < held.from || token >= held.to) await hold(shard, token);
      const until = Math.min(held.to, start + count);
      into.set(held.bytes.subarray((token - held.from) * width, (until - held.from) * width), done * width);
      done = until - start;
    }
  };
}

export type EarlierTokens = ReturnType<typeof openEarlierTokens>;

async function readTokens(
  previous: PreviousTask,
  { file, tokensAt }: ShardEntry,
  from: number,
  room: Uint8Array,
): Promise<Uint8Array> {
  return previous.readFile(file, tokensAt + from, room.length, room).catch((error: unknown) => {
    throw (error as { code?: string }).code === 'file-short' ? damagedPart(file, 'it ends too early') : error;
  });
}
