// The lock of a recipe and the pins beside it: learned artefacts (a tokenizer, a classifier) by name and SHA-256.
// `<recipe>.lock` names them, `<recipe>.pins/<sha256>` holds the bytes; both travel with the recipe.

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError, hashJson, ownValue, sha256, type Artefacts, type JsonObject } from '@gristmill/core';

export interface Pin {
  readonly sha256: string;
  readonly bytes: number;
  /** Hash of the options that it was trained with. */
  readonly options: string;
  /** Hash of the data set that it was trained on: tells of drift. */
  readonly inputs?: string;
}

export interface Lock {
  readonly file: string;
  readonly pins: Readonly<Record<string, Pin>>;
}

export function optionsHash(options: JsonObject): string {
  return hashJson(options).slice(0, 32);
}

/** @param file the lock; an absent one pins nothing */
export async function readLock(file: string): Promise<Lock> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { file, pins: {} };
  try {
    const { version, artefacts } = JSON.parse(text) as { version: number; artefacts: Record<string, Pin> };
    if (version === 1 && hasDigests(artefacts)) return { file, pins: artefacts };
    if (typeof version === 'number' && version !== 1) throw lockVersion(file, version);
  } catch (error) {
    if (error instanceof DataError) throw error;
  }
  throw new DataError(
    'lock-damaged',
    `${file} is no lock of version 1`,
    'restore it from version control, or delete it to train anew',
  );
}

/** They are also names of files. */
const hasDigests = (pins: Readonly<Record<string, Pin>>) =>
  Object.values(pins).every(({ sha256: digest }) => /^[0-9a-f]{64}$/.test(digest));

function lockVersion(file: string, version: number): DataError {
  const advice = version > 1 ? 'update Gristmill' : 'use the Gristmill that wrote it';
  return new DataError('lock-version', `${file} has format version ${version} instead of 1`, advice);
}

/** The lock of `demo.ts` is `demo.lock`. */
export function lockFileOf(recipeFile: string): string {
  return recipeFile.replace(/\.([mc]?[jt]s|json)$/, '') + '.lock';
}

export function pinFile(lock: Lock, pin: Pin): string {
  return join(`${lock.file.replace(/\.lock$/, '')}.pins`, pin.sha256);
}

/** Writes the bytes, then the lock that names them. */
export async function addPin(
  lock: Lock,
  name: string,
  bytes: Uint8Array,
  facts: Pick<Pin, 'options' | 'inputs'>,
): Promise<Lock> {
  const pin: Pin = { sha256: sha256(bytes), bytes: bytes.length, ...facts };
  const pins = Object.fromEntries(
    Object.entries({ ...lock.pins, [name]: pin }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const next = { file: lock.file, pins };
  await writeWhole(pinFile(next, pin), bytes);
  await writeWhole(lock.file, `${JSON.stringify({ version: 1, artefacts: pins }, null, 2)}\n`);
  return next;
}

async function writeWhole(file: string, data: Uint8Array | string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // Random, so that ranks on several machines never meet.
  const temporary = `${file}.${randomUUID()}.tmp`;
  await writeFile(temporary, data, { flush: true });
  await rename(temporary, file);
}

/** The bytes of pinned artefacts, checked. */
export async function readPins(lock: Lock, names: readonly string[]): Promise<Artefacts> {
  const artefacts = new Map<string, Uint8Array>();
  for (const name of names) {
    const pin = ownValue(lock.pins, name);
    if (!pin) throw missingPin(name, lock.file);
    const bytes = await readFile(pinFile(lock, pin)).catch(() => undefined);
    if (!bytes || sha256(bytes) !== pin.sha256) {
      throw new DataError(
        'pin-damaged',
        `the pinned ${name} (${pin.sha256.slice(0, 12)}) is ${bytes ? 'damaged' : 'missing'} beside ${lock.file}`,
        `restore the .pins folder, or train anew with --retrain ${name}`,
      );
    }
    artefacts.set(name, bytes);
  }
  return artefacts;
}

export function missingPin(name: string, file: string): DataError {
  return new DataError(
    'no-such-pin',
    `no ${name} is pinned in ${file}`,
    `add the step that trains ${name} before the step that uses it`,
  );
}
