// Items on their way from the files of a source to partitions: rows are sorted out by partition into scratch files
// of this machine, then each partition reads its own. Scratch lies outside the corpus and is removed after acquire.

import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Row } from '@gristmill/core';
import { partitionOf } from '@gristmill/shards';

const flushBytes = 1 << 20;

export interface SpillWriter {
  add(row: Row): void;
  /** @returns the partitions that got a row */
  close(): number[];
}

/** @param number tells the writers of one run apart */
export function createSpill(folder: string, number: number, partitions: number): SpillWriter {
  const waiting = new Map<number, { chunks: Uint8Array[]; bytes: number }>();
  const touched = new Set<number>();
  const flush = (partition: number) => {
    const entry = waiting.get(partition);
    if (entry) appendFileSync(spillFile(folder, partition, number), Buffer.concat(entry.chunks));
    waiting.delete(partition);
  };
  return {
    add(row) {
      const partition = partitionOf(row.id, partitions);
      touched.add(partition);
      const body = serialize(row);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(body.length);
      const entry = waiting.get(partition) ?? { chunks: [], bytes: 0 };
      waiting.set(partition, entry);
      entry.chunks.push(length, body);
      entry.bytes += body.length;
      if (entry.bytes >= flushBytes) flush(partition);
    },
    close() {
      for (const partition of [...waiting.keys()]) flush(partition);
      return [...touched];
    },
  };
}

export function spillFile(folder: string, partition: number, number: number): string {
  return join(folder, `${partition}-${number}`);
}

/** The rows of one scratch file. */
export function* readSpill(file: string): Generator<Row> {
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    yield deserialize(bytes.subarray(at + 4, at + 4 + length)) as Row;
    at += 4 + length;
  }
}
