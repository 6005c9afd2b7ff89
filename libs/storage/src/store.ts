// What the engine asks of a place that keeps files: a folder or an S3 bucket. Paths are relative, with forward
// slashes. A file is written whole or not at all; nothing but `replace` and `remove` ever touches an existing one.

import { DataError } from '@gristmill/core';

export interface StoredFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** How a worker thread opens the same store: a module reference that JSON can carry. */
export interface StoreReference {
  readonly module: string;
  readonly export: string;
  readonly options: { readonly [name: string]: string | number | boolean | undefined };
}

/** A file being written. Nothing is visible before `commit`; `abort` (or a crash) leaves nothing but a temporary file. */
export interface StoreWriter {
  /** Takes the bytes as they are now: the caller may reuse the buffer once the promise settles. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Makes the file visible, unless one of that name with the same bytes exists (`created: false`). One with other
   * bytes is damage, since names carry digests of what made them, and is replaced.
   * @param refuse called before one with other bytes is replaced, also where that one appeared while this one was written;
   *   what it throws leaves that one alone. Its argument is the SHA-256 of this one
   */
  commit(
    refuse?: (own: string) => Promise<void>,
  ): Promise<{ bytes: number; sha256: string; created: boolean }>;
  abort(): Promise<void>;
}

export interface Store {
  /** For people: a folder or `s3://bucket/prefix`. */
  readonly location: string;
  /** The folder, where the store is one on this machine. */
  readonly folder?: string;
  readonly reference: StoreReference;
  /**
   * The file's bytes, or `length` bytes from `offset`. DataError `file-missing`, or `file-short` past the end.
   * @param room memory of `length` bytes or more that a store may use: who reads much gives the same again and again
   */
  read(path: string, offset?: number, length?: number, room?: Uint8Array): Promise<Uint8Array>;
  stat(path: string): Promise<StoredFile | undefined>;
  /** Every file whose path starts with `prefix`, sorted by path; temporary files are left out. */
  list(prefix: string): Promise<StoredFile[]>;
  /** Create-if-absent, whole and durable: false when the file exists already. */
  create(path: string, bytes: Uint8Array | string): Promise<boolean>;
  /** Atomic replace. */
  replace(path: string, bytes: Uint8Array | string): Promise<void>;
  /** @param expectedBytes about how many will be written: large files are written another way */
  writer(path: string, expectedBytes?: number): Promise<StoreWriter>;
  /** No error when it is gone already. */
  remove(path: string): Promise<void>;
  /** Removes what crashed writers left behind; only under a build's lease. */
  removeTemporaries(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a store in any thread. */
export async function openStore(reference: StoreReference): Promise<Store> {
  const module = (await import(reference.module)) as Record<
    string,
    (options: unknown) => Store | Promise<Store>
  >;
  return module[reference.export](reference.options);
}

export function missingFile(location: string, path: string): DataError {
  return new DataError(
    'file-missing',
    `${path} is missing in ${location}`,
    'run `gristmill fsck --repair` on the corpus, or build it again',
  );
}

/** Reads and parses JSON; undefined when the file is absent. */
export async function readJson<T>(store: Store, path: string): Promise<T | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await store.read(path);
  } catch (error) {
    if (error instanceof DataError && error.code === 'file-missing') return undefined;
    throw error;
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  } catch (cause) {
    throw new DataError('json-damaged', `${path} holds no JSON`, 'run `gristmill fsck --repair`', { cause });
  }
}
