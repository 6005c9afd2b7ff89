// A store in a local (or shared) folder. Files are written under `.tmp`, synced, then linked into place: `link` fails
// on an existing name where `rename` would overwrite it. Does not lock anything: see the lease in lease.ts.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { DataError } from '@gristmill/core';
import { withCheckedPaths } from './checked-paths.ts';
import { createFolderSyncs, syncFolder, type FolderSyncs } from './folder-syncs.ts';
import { makeFolders } from './make-folders.ts';
import { openNewFile } from './new-file.ts';
import { missingFile, type Store, type StoredFile, type StoreWriter } from './store.ts';
import { removeTemporaries, temporaries, temporaryName } from './temporary-files.ts';

interface Folder {
  readonly root: string;
  readonly sync: boolean;
  /** Every `create` and `replace` settles the names that were made before. */
  readonly names: FolderSyncs;
}

/**
 * Opens a folder, which is made on first writing.
 * @param options sync: false leaves it to the system when files reach the disk: a power cut may then tear a corpus
 * @param settleFolder brings a folder's names to the disk
 */
export function openDiskStore(options: { root: string; sync?: boolean }, settleFolder = syncFolder): Store {
  const root = resolve(options.root);
  const sync = options.sync ?? true;
  const place: Folder = { root, sync, names: createFolderSyncs(root, sync ? settleFolder : async () => {}) };
  const at = (path: string) => join(root, path);
  return withCheckedPaths({
    location: root,
    folder: root,
    reference: { module: import.meta.url, export: 'openDiskStore', options: { root, sync } },
    read: (path, offset, length, room) => readRange({ root, path, offset, length, room }),
    async stat(path) {
      const found = await fs.stat(at(path)).catch(ignoreMissing);
      return found?.isFile() ? { path, size: found.size } : undefined;
    },
    list: (prefix) => listFiles(root, prefix),
    create: (path, bytes) =>
      putWhole(place, bytes, async (temporary) => linkInto(place, temporary, at(path))),
    replace: (path, bytes) =>
      putWhole(place, bytes, async (temporary) => {
        await inFolder(place, at(path), () => fs.rename(temporary, at(path)));
        place.names.note(dirname(at(path)));
      }),
    writer: (path, expectedBytes) => openWriter(place, path, expectedBytes),
    remove: (path) => fs.rm(at(path), { force: true }),
    removeTemporaries: () => removeTemporaries(root),
    async close() {},
  });
}

interface Range {
  readonly root: string;
  readonly path: string;
  readonly offset?: number;
  readonly length?: number;
  readonly room?: Uint8Array;
}

async function readRange({ root, path, offset, length, room }: Range): Promise<Uint8Array> {
  const file = await fs.open(join(root, path)).catch(ignoreMissing);
  if (!file) throw missingFile(root, path);
  try {
    if (offset === undefined) return await file.readFile();
    const wanted = length ?? (await file.stat()).size - offset;
    const bytes = room?.subarray(0, wanted) ?? Buffer.allocUnsafeSlow(wanted);
    let done = 0;
    while (done < wanted) {
      const { bytesRead } = await file.read(bytes, done, wanted - done, offset + done);
      if (bytesRead === 0) throw shortFile(path);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

export function shortFile(path: string): DataError {
  return new DataError('file-short', `${path} ends too early`, 'run `gristmill fsck --repair` on the corpus');
}

async function listFiles(root: string, prefix: string): Promise<StoredFile[]> {
  const folder = join(root, prefix.slice(0, prefix.lastIndexOf('/') + 1));
  const entries = await fs.readdir(folder, { withFileTypes: true, recursive: true }).catch(ignoreMissing);
  const paths = (entries ?? [])
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path.startsWith(prefix) && !path.startsWith(`${temporaries}/`));
  const files: StoredFile[] = [];
  for (const path of paths.sort()) {
    const found = await fs.stat(join(root, path)).catch(ignoreMissing);
    if (found) files.push({ path, size: found.size });
  }
  return files;
}

async function openWriter(place: Folder, path: string, expectedBytes?: number): Promise<StoreWriter> {
  const { root } = place;
  const temporary = await ownTemporary(place);
  const file = await openNewFile(temporary, expectedBytes).catch((error: unknown) => {
    throw writeFailed(root, error);
  });
  const hash = createHash('sha256');
  let bytes = 0;
  const abort = async () => {
    await file.close();
    await fs.rm(temporary, { force: true });
  };
  return {
    async write(chunk) {
      bytes += chunk.length;
      const writing = file.write(chunk);
      hash.update(chunk); // while the system writes it
      try {
        await writing;
      } catch (error) {
        throw writeFailed(root, error);
      }
    },
    async commit(refuse) {
      try {
        await file.finish(place.sync);
        const sha256 = hash.digest('hex');
        const created = await linkInto(place, temporary, join(root, path), { bytes, sha256, refuse });
        return { bytes, sha256, created };
      } catch (error) {
        throw writeFailed(root, error);
      } finally {
        await abort();
      }
    },
    abort,
  };
}

/** Writes a temporary file that `put` brings to its place, between what was there before and what comes after. */
async function putWhole<T>(
  place: Folder,
  data: Uint8Array | string,
  put: (temporary: string) => Promise<T>,
): Promise<T> {
  const { root, names } = place;
  const temporary = await ownTemporary(place);
  try {
    await writeTemporary(place, temporary, data);
    await names.settle();
    const answer = await put(temporary);
    await names.settle();
    return answer;
  } catch (error) {
    throw writeFailed(root, error);
  } finally {
    await fs.rm(temporary, { force: true });
  }
}

/** @param own what the temporary file holds; without it any file of the target's name wins */
async function linkInto(
  place: Folder,
  temporary: string,
  target: string,
  own?: FileDigest & { readonly refuse?: (own: string) => Promise<void> },
): Promise<boolean> {
  try {
    await inFolder(place, target, () => fs.link(temporary, target));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Whoever made it may not have come to settle its name.
    place.names.note(dirname(target));
    if (!own || (await holds(target, own))) return false;
    await own.refuse?.(own.sha256);
    await fs.rename(temporary, target);
  }
  place.names.note(dirname(target));
  return true;
}

function ownTemporary({ root, names }: Folder): Promise<string> {
  return temporaryName(root, names).catch((error: unknown) => {
    throw writeFailed(root, error);
  });
}

/** The folder of temporary files may be taken away empty while we enter it. */
async function writeTemporary(
  { root, sync }: Folder,
  temporary: string,
  data: Uint8Array | string,
): Promise<void> {
  const write = () => fs.writeFile(temporary, data, { flag: 'wx', flush: sync });
  for (let tries = 0; tries < 10; tries++) {
    try {
      return await write();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await makeFolders(join(root, temporaries));
    }
  }
  return write();
}

interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

async function holds(path: string, { bytes, sha256 }: FileDigest): Promise<boolean> {
  if ((await fs.stat(path)).size !== bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === sha256;
}

/** Runs `work`, making the target's folder when that was what it lacked. */
async function inFolder<T>({ names }: Folder, target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const first = await makeFolders(dirname(target));
    if (first !== undefined) names.noteMade(dirname(target), first);
    return work();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

function writeFailed(root: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new DataError(
      'disk-full',
      `there is no space left in ${root}`,
      'make room, then run again: it carries on',
      { cause },
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new DataError('not-writable', `${root} cannot be written`, 'check its permissions', { cause });
  }
  if (code === 'EIO') {
    const hint = 'check the disk, then run again: what is recorded is kept';
    return new DataError('disk-error', `the disk of ${root} reports an error`, hint, { cause });
  }
  return cause;
}
