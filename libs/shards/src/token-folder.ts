// A folder of shards on this machine as a loader reads it: files stay open, and bytes go into buffers that the caller
// reuses, since fresh megabytes cost more in page faults and collection than the reading itself. Node has no mmap.

import { close, open, read as readFile } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DataError } from '@gristmill/core';
import { isS3Location, openDiskStore } from '@gristmill/storage';
import { openRemoteTokens } from './token-remote.ts';
import type { TokenStore } from './token-reader.ts';

// Plain descriptors: a loader that is dropped without `close` then ends quietly with its process.
const openFile = (path: string) => promisify(open)(path, 'r');
const closeFile = (file: number) => promisify(close)(file);
const readBytes = promisify(readFile);
const filesKept = 256;

/** @param place a folder, or s3://bucket/prefix */
export function openTokenFolder(place: string): TokenStore {
  return isS3Location(place) ? openRemoteTokens(place) : openLocalTokens(place);
}

function openLocalTokens(folder: string): TokenStore {
  const root = resolve(folder);
  const { location, read, stat } = openDiskStore({ root });
  const files = new Map<string, Promise<number>>();
  const closing: Promise<void>[] = [];
  const fileOf = (path: string): Promise<number> => {
    const found = files.get(path);
    if (found !== undefined) return found;
    const opened = openFile(join(root, path));
    files.set(path, opened);
    opened.catch(() => files.delete(path));
    if (files.size > filesKept) {
      const [oldest, file] = files.entries().next().value!;
      files.delete(oldest);
      closing.push(file.then(closeFile));
    }
    return opened;
  };
  return {
    location,
    read,
    stat,
    async readInto(path, into, offset) {
      const file = await fileOf(path);
      for (let done = 0; done < into.length;) {
        const { bytesRead } = await readBytes(file, into, done, into.length - done, offset + done);
        if (bytesRead === 0)
          throw new DataError('file-short', `${path} ends too early`, 'run `gristmill fsck`');
        done += bytesRead;
      }
    },
    async close() {
      for (const file of files.values()) closing.push(file.then(closeFile));
      files.clear();
      await Promise.allSettled(closing);
    },
  };
}
