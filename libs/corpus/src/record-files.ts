// Records sorted out into scratch files of this machine, a file a bucket, so that what does not fit memory is read again
// bucket by bucket. Scratch lies outside the corpus and is removed by whoever made its folder.

import { appendFileSync, closeSync, existsSync, openSync, readSync } from 'node:fs';

/** Held by one writer over all buckets, however many there are: then every bucket's records are written. */
const heldBytes = 16 << 20;
const pieceBytes = 1 << 20;
const sizeBytes = 4;

export interface RecordWriter {
  /** The record is copied. */
  add(bucket: number, record: Uint8Array): void;
  /** To be called before reading. @returns the buckets that have a record */
  flush(): number[];
}

export function createRecordWriter(fileOf: (bucket: number) => string): RecordWriter {
  const held = Buffer.allocUnsafeSlow(heldBytes);
  let length = 0;
  /** Bucket → where its records lie in `held`: start and end, start and end … */
  const waiting = new Map<number, number[]>();
  const touched = new Set<number>();
  const flush = () => {
    for (const [bucket, places] of waiting) {
      const count = places.length / 2;
      const records = Array.from({ length: count }, (_, i) =>
        held.subarray(places[2 * i], places[2 * i + 1]),
      );
      appendFileSync(fileOf(bucket), Buffer.concat(records));
    }
    waiting.clear();
    length = 0;
  };
  return {
    add(bucket, record) {
      touched.add(bucket);
      const size = Buffer.alloc(sizeBytes);
      size.writeUInt32LE(record.length);
      if (length + sizeBytes + record.length > heldBytes) flush();
      if (sizeBytes + record.length > heldBytes) {
        appendFileSync(fileOf(bucket), Buffer.concat([size, record]));
        return;
      }
      held.set(size, length);
      held.set(record, length + sizeBytes);
      const places = waiting.get(bucket) ?? [];
      waiting.set(bucket, places);
      const end = length + sizeBytes + record.length;
      // Neighbours of one bucket are one place.
      if (places.at(-1) === length) places[places.length - 1] = end;
      else places.push(length, end);
      length = end;
    },
    flush() {
      flush();
      return [...touched];
    },
  };
}

/** The records of one file in the order of writing, a piece of the file in memory at a time; none where there is no file. */
export function* readRecords(file: string): Generator<Uint8Array> {
  if (!existsSync(file)) return;
  const handle = openSync(file, 'r');
  try {
    let piece = Buffer.alloc(0);
    for (let at = 0; ;) {
      const length = piece.length < at + sizeBytes ? 0 : piece.readUInt32LE(at);
      const end = at + sizeBytes + length;
      if (piece.length >= end) {
        yield piece.subarray(at + sizeBytes, end);
        at = end;
        continue;
      }
      const rest = piece.subarray(at);
      const more = Buffer.allocUnsafeSlow(Math.max(pieceBytes, end - at - rest.length));
      const read = readSync(handle, more);
      if (read === 0) return;
      piece = Buffer.concat([rest, more.subarray(0, read)]);
      at = 0;
    }
  } finally {
    closeSync(handle);
  }
}
