// Scratch of one task: records put into numbered buckets on this machine's disk and read again bucket by bucket, for what
// a task must bring into another order and cannot hold.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordWriter, readRecords, type RecordWriter } from './record-files.ts';

export interface Scratch {
  /** The record is copied. */
  add(bucket: number, record: Uint8Array): void;
  /** The records of a bucket in the order in which they were added. A record is valid until the next is asked for. */
  read(bucket: number): Generator<Uint8Array>;
}

export interface OwnedScratch extends Scratch, Disposable {}

/** The folder is made with the first record. */
export function createScratch(): OwnedScratch {
  let opened: { folder: string; writer: RecordWriter } | undefined;
  const open = () => {
    const folder = mkdtempSync(join(tmpdir(), 'gristmill-scratch-'));
    return { folder, writer: createRecordWriter((bucket) => join(folder, String(bucket))) };
  };
  return {
    add: (bucket, record) => (opened ??= open()).writer.add(bucket, record),
    *read(bucket) {
      if (!opened) return;
      opened.writer.flush();
      yield* readRecords(join(opened.folder, String(bucket)));
    },
    [Symbol.dispose]() {
      if (opened) rmSync(opened.folder, { recursive: true, force: true });
    },
  };
}
