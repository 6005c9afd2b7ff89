// Items on their way from the files of a source to partitions: rows are sorted out by partition into scratch files
// of this machine, then each partition reads its own. Scratch lies outside the corpus and is removed after acquire.

import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Row } from '@gristmill/core';
import { partitionOf } from '@gristmill/shards';
import { createRecordWriter, readRecords } from './record-files.ts';

export interface SpillWriter {
  add(row: Row): void;
  /** @returns the partitions that got a row */
  close(): number[];
}

/** @param number tells the writers of one run apart */
export function createSpill(folder: string, number: number, partitions: number): SpillWriter {
  const writer = createRecordWriter((partition) => spillFile(folder, partition, number));
  return {
    add: (row) => writer.add(partitionOf(row.id, partitions), serialize(row)),
    close: () => writer.flush(),
  };
}

export function spillFile(folder: string, partition: number, number: number): string {
  return join(folder, `${partition}-${number}`);
}

/** The rows of one scratch file. */
export function* readSpill(file: string): Generator<Row> {
  for (const record of readRecords(file)) yield deserialize(record) as Row;
}
