// Append-only JSON lines that survive a pulled plug: a line counts when its line end is there; what a crash left of
// the last one is cut off when the file is opened again.

import { open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { DataError } from '@gristmill/core';

export interface Journal extends AsyncDisposable {
  append(values: readonly object[]): Promise<void>;
  /** Flushes to the disk. */
  sync(): Promise<void>;
}

/** Every whole line of the file; none when it does not exist. */
export async function readJournal<T>(path: string): Promise<{ values: T[]; bytes: number }> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { values: [], bytes: 0 };
    throw error;
  }
  try {
    const text = await handle.readFile('utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const values = whole
      .split('\n')
      .filter(Boolean)
      .map((line, index) => parseLine<T>(line, index, path));
    return { values, bytes: Buffer.byteLength(whole) };
  } finally {
    await handle.close();
  }
}

function parseLine<T>(line: string, index: number, path: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    throw new DataError(
      'crawl-log-damaged',
      `line ${index + 1} of ${path} is no JSON`,
      'restore the file from a copy, or crawl into a new folder',
      { cause },
    );
  }
}

/** Replaces the file by these lines, whole or not at all; gives its length. */
export async function rewriteJournal(path: string, values: readonly object[]): Promise<number> {
  const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
  await writeFile(`${path}.new`, text, { flush: true });
  await rename(`${path}.new`, path);
  return Buffer.byteLength(text);
}

/** Opens for appending after the first `bytes` bytes; what lies behind is cut off. */
export async function openJournal(path: string, bytes: number): Promise<Journal> {
  const handle = await open(path, 'a');
  await handle.truncate(bytes);
  return {
    async append(values) {
      const lines = values.map((value) => `${JSON.stringify(value)}\n`).join('');
      if (lines !== '') await handle.appendFile(lines);
    },
    sync: () => handle.sync(),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
