// Packing at reading: how the documents of one shard become samples of `sequenceLength` targets. A sample is a list of
// token ranges of the shard; the input of a target is the token before it there (end-of-text before the first), so
// every token that is read is a target exactly once. A plan is a pure function of (shard, sequence length, policy).
// best-fit: Ding et al. 2024, "Fewer Truncations Improve Language Modeling".

import type { ShardHead } from './token-shard.ts';

/** concat: documents end to end, cut anywhere. best-fit: a document is cut only where it is longer than a sample. */
export type Packing = 'concat' | 'best-fit';

export interface SamplePlan {
  readonly samples: number;
  /** Tokens that are a target of some sample. */
  readonly tokens: number;
  /** Start and end of each range of sample `sample`, in order, flat: [start, end, start, end …]. */
  ranges(sample: number): number[];
}

/** Samples are packed within groups of about this many tokens, so that a sample's documents lie near each other. */
const groupTokens = 1 << 19;

/** All documents, end to end: needs no head. */
export function planWhole(tokens: number, sequenceLength: number): SamplePlan {
  return {
    samples: Math.ceil(tokens / sequenceLength),
    tokens,
    ranges: (sample) => [sample * sequenceLength, Math.min(tokens, (sample + 1) * sequenceLength)],
  };
}

/** The rows that `select` keeps, under a policy. */
export function planDocuments(
  head: ShardHead,
  options: { sequenceLength: number; packing: Packing; select?: (row: number) => boolean },
): SamplePlan {
  const rows: number[] = [];
  for (let row = 0; row < head.documents; row++) {
    if (options.select === undefined || options.select(row)) rows.push(row);
  }
  return options.packing === 'concat'
    ? planConcat(head.offsets, rows, options.sequenceLength)
    : planBestFit(head.offsets, rows, options.sequenceLength);
}

function planConcat(offsets: Uint32Array, rows: readonly number[], length: number): SamplePlan {
  const starts = new Float64Array(rows.length + 1);
  rows.forEach((row, i) => (starts[i + 1] = starts[i] + offsets[row + 1] - offsets[row]));
  const tokens = starts[rows.length];
  return {
    samples: Math.ceil(tokens / length),
    tokens,
    ranges(sample) {
      const ranges: number[] = [];
      const [from, to] = [sample * length, Math.min(tokens, (sample + 1) * length)];
      for (let i = firstCovering(starts, from); i < rows.length && starts[i] < to; i++) {
        const shift = offsets[rows[i]] - starts[i];
        addRange(ranges, Math.max(from, starts[i]) + shift, Math.min(to, starts[i + 1]) + shift);
      }
      return ranges;
    },
  };
}

/** Neighbouring documents are one range: the input across their border is the first's end-of-text either way. */
function addRange(ranges: number[], start: number, end: number): void {
  if (ranges.length > 0 && ranges[ranges.length - 1] === start) ranges[ranges.length - 1] = end;
  else ranges.push(start, end);
}

function planBestFit(offsets: Uint32Array, rows: readonly number[], length: number): SamplePlan {
  const samples: number[][] = [];
  let group: number[] = [];
  let held = 0;
  for (const row of rows) {
    group.push(row);
    held += offsets[row + 1] - offsets[row];
    if (held < groupTokens) continue;
    packGroup(offsets, group, length, samples);
    [group, held] = [[], 0];
  }
  packGroup(offsets, group, length, samples);
  const tokens = rows.reduce((sum, row) => sum + offsets[row + 1] - offsets[row], 0);
  return { samples: samples.length, tokens, ranges: (sample) => samples[sample] };
}

/** Whole samples are cut off long documents; the rests go, longest first, where they leave the least room. */
function packGroup(offsets: Uint32Array, rows: readonly number[], length: number, samples: number[][]): void {
  const rests: [number, number][] = [];
  for (const row of rows) {
    let start = offsets[row];
    for (; offsets[row + 1] - start > length; start += length) samples.push([start, start + length]);
    rests.push([start, offsets[row + 1]]);
  }
  rests.sort((a, b) => b[1] - b[0] - (a[1] - a[0]) || a[0] - b[0]);
  const open = createRoomIndex(length);
  for (const [start, end] of rests) {
    const { sample, room } = open.take(end - start) ?? { sample: samples.push([]) - 1, room: length };
    samples[sample].push(start, end);
    open.put(room - (end - start), sample);
  }
}

interface RoomIndex {
  /** The sample with the least room that is at least `size`. */
  take(size: number): { sample: number; room: number } | undefined;
  put(room: number, sample: number): void;
}

/** Open samples by the room they have left: a bit set over room, with words skipped that are empty. */
function createRoomIndex(length: number): RoomIndex {
  const open: number[][] = Array.from({ length: length + 1 }, () => []);
  const words = new Uint32Array((length >> 5) + 1);
  const nextRoom = (size: number): number => {
    let word = size >> 5;
    let bits = words[word] & (-1 << (size & 31));
    while (bits === 0 && ++word < words.length) bits = words[word];
    return bits === 0 ? -1 : (word << 5) + 31 - Math.clz32(bits & -bits);
  };
  return {
    take(size) {
      const room = nextRoom(size);
      if (room < 0) return undefined;
      const sample = open[room].pop()!;
      if (open[room].length === 0) words[room >> 5] &= ~(1 << (room & 31));
      return { sample, room };
    },
    put(room, sample) {
      if (room === 0) return;
      open[room].push(sample);
      words[room >> 5] |= 1 << (room & 31);
    },
  };
}

/** The last i with starts[i] <= value. */
function firstCovering(starts: Float64Array, value: number): number {
  let [low, high] = [0, starts.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
