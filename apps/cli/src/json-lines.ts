// JSON lines in and out: one object a line, unknown fields kept, order kept, memory bounded by one batch.
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { DataError, readLines } from '@gristmill/core';

export type JsonLine = Record<string, unknown>;

/** Reads objects from a file, or from standard input for `-`. A line that is no JSON object is a DataError naming it. */
export async function* readJsonLines(file: string): AsyncGenerator<JsonLine> {
  let number = 0;
  for await (const line of readLines(readBytes(file))) {
    number++;
    if (line.trim() !== '') yield parseLine(line, number, file);
  }
}

async function* readBytes(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* (file === '-' ? process.stdin : createReadStream(file)) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new DataError(
      'input-unreadable',
      `${file} cannot be read`,
      'check the path, or use - for standard input',
      { cause },
    );
  }
}

function parseLine(line: string, number: number, file: string): JsonLine {
  try {
    const value: unknown = JSON.parse(line);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonLine;
  } catch {
    // falls through to the same error
  }
  throw new DataError(
    'not-json-lines',
    `line ${number} of ${file === '-' ? 'standard input' : file} is no JSON object`,
    'this command reads JSON lines: one object a line, for example {"id":"1","text":"…"}',
  );
}

export interface LineWriter {
  write(value: object): Promise<void>;
  close(): Promise<void>;
}

/** Writes one object a line to `file`, or to standard output when it is undefined or `-`; waits when the reader is slow. */
export function createLineWriter(file: string | undefined): LineWriter {
  const toStdout = file === undefined || file === '-';
  const output: Writable = toStdout ? process.stdout : createWriteStream(file);
  let failure: DataError | undefined;
  if (!toStdout) output.on('error', (cause) => (failure = unwritable(file, cause)));
  return {
    async write(value) {
      if (failure) throw failure;
      if (!output.write(`${JSON.stringify(value)}\n`)) await drained(output);
    },
    async close() {
      if (toStdout) return;
      output.end();
      await finished(output).catch((cause: Error) => {
        throw failure ?? unwritable(file, cause);
      });
    },
  };
}

/** Waits for room; an output that ends ends the wait. Neither listener outlives it. */
async function drained(output: Writable): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await Promise.race([once(output, 'drain', { signal }), once(output, 'close', { signal })]);
  } finally {
    waiting.abort();
  }
}

function unwritable(file: string, cause: Error): DataError {
  return new DataError(
    'output-unwritable',
    `${file} cannot be written`,
    'check that the folder exists and has room',
    { cause },
  );
}
