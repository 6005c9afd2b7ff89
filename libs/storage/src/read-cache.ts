// A bounded cache on this machine's disk for files that never change once they are written, such as shards on S3:
// pieces of a mebibyte, each beside its SHA-256, the longest unused out first. Several processes may share a folder.
// Nothing in it is trusted or needed: a piece that is missing or damaged is fetched again. Reading ahead is the
// reader's own; pieces that are asked for twice while they come are fetched once.

import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@gristmill/core';
import { shortFile } from './disk-store.ts';
import type { Store } from './store.ts';

export interface ReadCacheOptions {
  /** Default: GRISTMILL_CACHE, or a folder among the system's temporary ones. */
  readonly folder?: string;
  /** Bytes on disk at most. Default: GRISTMILL_CACHE_BYTES, or 8 GiB. */
  readonly limitBytes?: number;
}

export interface ReadCache {
  /** As `Store.read` of a range; the file's length must be known. DataError `file-short` past the end. */
  readInto(path: string, into: Uint8Array, offset: number): Promise<void>;
  /** So far, in bytes. */
  readonly fetched: () => number;
}

const pieceBytes = 1 << 20;
const digestBytes = 32;

/** @param store what to read from; only its ranges are asked for */
export async function openReadCache(
  store: Pick<Store, 'location' | 'read' | 'stat'>,
  options: ReadCacheOptions = {},
): Promise<ReadCache> {
  const folder = options.folder ?? process.env.GRISTMILL_CACHE ?? join(tmpdir(), 'gristmill-cache');
  const limitBytes = options.limitBytes ?? Number(process.env.GRISTMILL_CACHE_BYTES ?? 8 * 2 ** 30);
  const pieces = await openPieces(folder, limitBytes);
  const coming = new Map<string, Promise<Uint8Array>>();
  const sizes = new Map<string, Promise<number>>();
  let fetched = 0;
  const sizeOf = (path: string): Promise<number> => {
    const known = sizes.get(path) ?? store.stat(path).then((found) => found?.size ?? 0);
    sizes.set(path, known);
    known.catch(() => sizes.delete(path));
    return known;
  };
  /** Pieces [first, end), those that lie together in one request. */
  const fetch = async (path: string, first: number, end: number): Promise<Uint8Array> => {
    const size = await sizeOf(path);
    const from = first * pieceBytes;
    const bytes = await store.read(path, from, Math.max(0, Math.min(size, end * pieceBytes) - from));
    fetched += bytes.length;
    return bytes;
  };
  const nameOf = (path: string, piece: number) =>
    `${sha256(`${store.location}/${path}`).slice(0, 32)}-${piece}`;
  const startMissing = (path: string, missing: readonly number[]): void => {
    for (let at = 0; at < missing.length;) {
      const first = missing[at];
      let end = first;
      while (missing[at] === end) [at, end] = [at + 1, end + 1];
      const run = fetch(path, first, end);
      for (let piece = first; piece < end; piece++) {
        const name = nameOf(path, piece);
        const own = run.then((bytes) =>
          bytes.subarray((piece - first) * pieceBytes, (piece - first + 1) * pieceBytes),
        );
        coming.set(name, own);
        own
          .then((bytes) => pieces.put(name, bytes))
          .catch(() => {})
          .finally(() => coming.delete(name));
      }
    }
  };
  return {
    async readInto(path, into, offset) {
      const [first, end] = [offset, offset + into.length - 1].map((at) => Math.floor(at / pieceBytes));
      const found = new Map<number, Promise<Uint8Array>>();
      const missing: number[] = [];
      for (let piece = first; piece <= end; piece++) {
        const name = nameOf(path, piece);
        const kept = coming.get(name) ?? (await pieces.get(name));
        if (kept) found.set(piece, Promise.resolve(kept));
        else missing.push(piece);
      }
      // Another reader may have begun with one of them meanwhile.
      startMissing(
        path,
        missing.filter((piece) => !coming.has(nameOf(path, piece))),
      );
      for (const piece of missing) found.set(piece, coming.get(nameOf(path, piece))!);
      const ready = await Promise.all(
        [...found].map(async ([piece, bytes]) => [piece, await bytes] as const),
      );
      let done = 0;
      for (const [piece, bytes] of ready) {
        const at = piece * pieceBytes - offset;
        const part = bytes.subarray(Math.max(0, -at), Math.max(0, into.length - at));
        into.set(part, Math.max(0, at));
        done += part.length;
      }
      if (done < into.length) throw shortFile(path);
    },
    fetched: () => fetched,
  };
}

interface Pieces {
  get(name: string): Promise<Uint8Array | undefined>;
  put(name: string, bytes: Uint8Array): Promise<void>;
}

/** The folder's pieces, in the order of their last use. */
async function openPieces(folder: string, limitBytes: number): Promise<Pieces> {
  await fs.mkdir(folder, { recursive: true });
  const sizes = new Map<string, number>();
  let held = 0;
  for (const { name, size } of await listByTime(folder)) {
    sizes.set(name, size);
    held += size;
  }
  const drop = (name: string) => {
    held -= sizes.get(name) ?? 0;
    sizes.delete(name);
    return fs.rm(join(folder, name), { force: true });
  };
  return {
    async get(name) {
      const bytes = await fs.readFile(join(folder, name)).catch(() => undefined);
      if (!bytes) return undefined;
      const body = bytes.subarray(0, Math.max(0, bytes.length - digestBytes));
      if (!digest(body).equals(bytes.subarray(body.length))) return void (await drop(name));
      sizes.delete(name);
      sizes.set(name, bytes.length);
      return body;
    },
    async put(name, bytes) {
      const temporary = join(folder, `${name}.${process.pid}.new`);
      try {
        await fs.writeFile(temporary, Buffer.concat([bytes, digest(bytes)]));
        await fs.rename(temporary, join(folder, name));
      } catch (error) {
        // A full disk makes the cache smaller, not the reading wrong.
        await fs.rm(temporary, { force: true });
        throw error;
      }
      held += bytes.length + digestBytes - (sizes.get(name) ?? 0);
      sizes.delete(name);
      sizes.set(name, bytes.length + digestBytes);
      for (const oldest of sizes.keys()) {
        if (held <= limitBytes) break;
        await drop(oldest);
      }
    },
  };
}

async function listByTime(folder: string): Promise<{ name: string; size: number }[]> {
  const files: { name: string; size: number; time: number }[] = [];
  for (const name of await fs.readdir(folder)) {
    const found = await fs.stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile()) files.push({ name, size: found.size, time: found.mtimeMs });
  }
  return files.sort((a, b) => a.time - b.time);
}

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
