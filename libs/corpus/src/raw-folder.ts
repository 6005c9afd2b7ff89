// The raw folder of a crawled source as a folder of this machine, whatever the corpus's store. In a folder corpus it is
// the folder itself. On S3 a crawl works in a spool beside and what it wrote is put into the store when it ends or is
// stopped; `stored.json`, replaced last, names every file with its SHA-256, so that a half-finished upload is not
// believed and another machine fetches just what it lacks. A crawl that is killed carries on from this machine's spool.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import {
  checkPathBelow,
  createRecord,
  DataError,
  hashJson,
  ownValue,
  sha256,
  type Json,
} from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import { fileState } from './file-state.ts';

export interface RawFolder {
  /** On this machine. */
  readonly path: string;
  /** Puts what changed into the store. */
  save(): Promise<void>;
}

/** raw/<source>/stored.json: file → SHA-256. */
interface Inventory {
  readonly format: 'gristmill-raw';
  readonly version: 1;
  readonly files: Readonly<Record<string, string>>;
}

/** `<spool>.json`: what the spool's files were when they last equalled the store's. */
interface Spooled {
  readonly inventory: string;
  /** File → its `fileState` and SHA-256. */
  readonly files: Readonly<Record<string, readonly [state: string, sha256: string]>>;
}

export async function openRawFolder(store: Store, source: string): Promise<RawFolder> {
  if (store.folder !== undefined) return { path: join(store.folder, 'raw', source), save: async () => {} };
  const path = join(spoolFolder(), sha256(store.location).slice(0, 16), source);
  await fetchMissing(store, source, path);
  return { path, save: () => putChanged(store, source, path) };
}

/** GRISTMILL_SPOOL, or a folder among the system's temporary ones. */
function spoolFolder(): string {
  return process.env.GRISTMILL_SPOOL ?? join(tmpdir(), 'gristmill-spool');
}

const inventoryPath = (source: string) => `raw/${source}/stored.json`;
const spooledPath = (path: string) => `${path}.json`;

async function readInventory(store: Store, source: string): Promise<Inventory> {
  const found = await readJson<Inventory>(store, inventoryPath(source));
  if (found && found.version !== 1) {
    throw new DataError(
      'corpus-version',
      `${inventoryPath(source)} has format version ${found.version} instead of 1`,
      'use the Gristmill that wrote it',
    );
  }
  for (const file of Object.keys(found?.files ?? {})) checkPathBelow(file, inventoryPath(source));
  return found ?? { format: 'gristmill-raw', version: 1, files: {} };
}

async function readSpooled(path: string): Promise<Spooled> {
  const text = await readFile(spooledPath(path), 'utf8').catch(() => undefined);
  return text === undefined ? { inventory: '', files: {} } : (JSON.parse(text) as Spooled);
}

async function writeSpooled(path: string, spooled: Spooled): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${spooledPath(path)}.new`, JSON.stringify(spooled));
  await rename(`${spooledPath(path)}.new`, spooledPath(path));
}

/** Brings the spool to what the store has, unless the store is as this spool left it: then the spool may be further. */
async function fetchMissing(store: Store, source: string, path: string): Promise<void> {
  const inventory = await readInventory(store, source);
  const digest = hashJson(inventory as unknown as Json);
  const spooled = await readSpooled(path);
  const isOwn = spooled.inventory === digest;
  await mkdir(path, { recursive: true });
  const here = await listFolder(path);
  const files = createRecord<readonly [string, string]>();
  for (const [file, wanted] of Object.entries(inventory.files)) {
    const [state, known] = ownValue(spooled.files, file) ?? [];
    const isSame = known === wanted && state === here[file];
    if (!isSame && !(isOwn && here[file] !== undefined))
      await fetchFile(store, source, { path, file, wanted });
    files[file] = isSame || !isOwn ? [await stateOf(join(path, file)), wanted] : spooled.files[file];
  }
  if (!isOwn)
    for (const file of Object.keys(here))
      if (!Object.hasOwn(inventory.files, file)) await rm(join(path, file));
  await writeSpooled(path, { inventory: digest, files });
}

async function fetchFile(
  store: Store,
  source: string,
  { path, file, wanted }: { path: string; file: string; wanted: string },
): Promise<void> {
  const stored = `raw/${source}/${file}`;
  const bytes = await store.read(stored);
  if (sha256(bytes) !== wanted) {
    throw new DataError(
      'raw-damaged',
      `${stored} does not have the SHA-256 that ${inventoryPath(source)} names`,
      'run `gristmill fsck`: it names the documents; then crawl again with --refresh',
    );
  }
  const target = join(path, file);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.new`, bytes);
  await rename(`${target}.new`, target);
}

async function putChanged(store: Store, source: string, path: string): Promise<void> {
  const spooled = await readSpooled(path);
  const files = createRecord<readonly [string, string]>();
  for (const [file, state] of Object.entries(await listFolder(path))) {
    const known = ownValue(spooled.files, file);
    files[file] =
      known?.[0] === state ? known : [state, await putFile(store, source, join(path, file), file)];
  }
  const digests = Object.entries(files).map(([file, [, digest]]) => [file, digest]);
  const inventory: Inventory = { format: 'gristmill-raw', version: 1, files: Object.fromEntries(digests) };
  const digest = hashJson(inventory as unknown as Json);
  if (digest !== spooled.inventory) {
    await store.replace(inventoryPath(source), JSON.stringify(inventory));
    for (const file of Object.keys(spooled.files))
      if (!files[file]) await store.remove(`raw/${source}/${file}`);
  }
  await writeSpooled(path, { inventory: digest, files });
}

/** @returns its SHA-256 */
async function putFile(store: Store, source: string, file: string, name: string): Promise<string> {
  const hash = createHash('sha256');
  const writer = await store.writer(`raw/${source}/${name}`);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Uint8Array);
      await writer.write(chunk as Uint8Array);
    }
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return hash.digest('hex');
}

/** File → its `fileState`, sorted. */
async function listFolder(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.new'))
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join('/'))
    // Hidden: who works there.
    .filter((file) => !file.startsWith('.'));
  const states = createRecord<string>();
  for (const file of files.sort()) states[file] = await stateOf(join(path, file));
  return states;
}

async function stateOf(file: string): Promise<string> {
  return fileState(await stat(file, { bigint: true }));
}
