// A store on S3 or a server that speaks like it. An object appears whole by itself, so nothing is linked or renamed:
// `create` is a conditional put, a writer sends parts and completes them. Needs strong consistency and If-None-Match
// on PUT (AWS since 2024, Ceph, MinIO, versitygw); a server that lacks the latter is refused.

import { createHash } from 'node:crypto';
import { withCheckedPaths } from './checked-paths.ts';
import { shortFile } from './disk-store.ts';
import type { S3Options } from './s3-location.ts';
import {
  createObject,
  deleteObject,
  getObject,
  headObject,
  listObjects,
  noConditions,
  openRequests,
  putObject,
  type S3Requests,
} from './s3-requests.ts';
import { abortUploads, openUpload, type Upload } from './s3-upload.ts';
import { missingFile, type Store, type StoredFile, type StoreWriter } from './store.ts';

/** Where the probe of conditional puts lies; not listed, as a folder's temporary files are not. */
const temporaries = '.tmp/';
const probe = `${temporaries}probe`;

/** Opens a place on S3. The bucket must exist. */
export async function openS3Store(options: S3Options): Promise<Store> {
  const s3 = await openRequests(options);
  let conditions: Promise<void> | undefined;
  return withCheckedPaths({
    location: s3.location,
    reference: { module: import.meta.url, export: 'openS3Store', options: { ...options } },
    read: (path, offset, length) => readRange(s3, path, offset, length),
    async stat(path) {
      const found = await headObject(s3, path);
      return found && { path, size: found.size };
    },
    async list(prefix) {
      const files: StoredFile[] = [];
      for await (const file of listObjects(s3, prefix))
        if (!file.path.startsWith(temporaries)) files.push(file);
      return files.sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    async create(path, bytes) {
      await (conditions ??= checkConditions(s3));
      return createObject(s3, path, toBytes(bytes));
    },
    replace: (path, bytes) => putObject(s3, path, toBytes(bytes)),
    writer: async (path) => openWriter(s3, path),
    remove: (path) => deleteObject(s3, path),
    removeTemporaries: () => abortUploads(s3),
    async close() {
      s3.client.destroy();
    },
  });
}

const toBytes = (data: Uint8Array | string) =>
  typeof data === 'string' ? new TextEncoder().encode(data) : data;

/** Once a store: a server that ignores If-None-Match would let two builds believe that both were first. */
async function checkConditions(s3: S3Requests): Promise<void> {
  const again = async () => createObject(s3, probe, new Uint8Array(0));
  if ((await again()) && (await again())) throw noConditions(s3);
}

async function readRange(s3: S3Requests, path: string, offset = 0, length?: number): Promise<Uint8Array> {
  const missing = () => missingFile(s3.location, path);
  if (length === 0) {
    if (!(await headObject(s3, path))) throw missing();
    return new Uint8Array(0);
  }
  const bytes = await getObject(s3, path, { offset, length });
  if (!bytes) throw missing();
  if (length !== undefined && bytes.length < length) throw shortFile(path);
  return bytes;
}

/** Small files go in one request at the commit, larger ones part by part as they are written. */
function openWriter(s3: S3Requests, path: string): StoreWriter {
  const hash = createHash('sha256');
  let part = new Uint8Array(64 << 10);
  let filled = 0;
  let bytes = 0;
  let digest = '';
  let upload: Upload | undefined;
  let isOver = false;
  const isThere = () => holds(s3, path, { bytes, sha256: digest });
  const flush = async () => {
    upload ??= await openUpload(s3, path, isThere);
    const full = part.subarray(0, filled);
    part = new Uint8Array(s3.partBytes);
    filled = 0;
    await upload.send(full);
  };
  /** @returns false where it was to be new, and one is there */
  const put = async (isNew: boolean) => {
    if (upload) return upload.complete(isNew);
    const whole = part.subarray(0, filled);
    if (isNew) return createObject(s3, path, whole);
    await putObject(s3, path, whole);
    return true;
  };
  const abort = async () => {
    if (isOver) return;
    isOver = true;
    await upload?.abort();
  };
  return {
    async write(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      for (let at = 0; at < chunk.length;) {
        if (filled === part.length) part = grown(part, s3.partBytes);
        const taken = chunk.subarray(at, at + part.length - filled);
        part.set(taken, filled);
        filled += taken.length;
        at += taken.length;
        if (filled === s3.partBytes) await flush();
      }
    },
    async commit(refuse) {
      digest = hash.digest('hex');
      const facts = { bytes, sha256: digest };
      if (await isThere()) {
        await abort();
        return { ...facts, created: false };
      }
      const isNew = refuse !== undefined && !(await headObject(s3, path));
      if (!isNew) await refuse?.(digest);
      if (upload && filled > 0) await flush();
      if (!(await put(isNew))) {
        // Another writer was faster.
        if (await isThere()) {
          await abort();
          return { ...facts, created: false };
        }
        await refuse?.(digest);
        await put(false);
      }
      isOver = true;
      return { ...facts, created: true };
    },
    abort,
  };
}

function grown(part: Uint8Array, limit: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(limit, part.length * 4));
  larger.set(part);
  return larger;
}

/** True when the object has these bytes. */
async function holds(
  s3: S3Requests,
  path: string,
  file: { bytes: number; sha256: string },
): Promise<boolean> {
  if ((await headObject(s3, path))?.size !== file.bytes) return false;
  const hash = createHash('sha256');
  for (let at = 0; at < file.bytes; at += s3.partBytes) {
    const slice = await getObject(s3, path, { offset: at, length: Math.min(s3.partBytes, file.bytes - at) });
    if (!slice) return false;
    hash.update(slice);
  }
  return hash.digest('hex') === file.sha256;
}
