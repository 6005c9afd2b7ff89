// A file of bytes and tensors, written by the process that holds them: a checkpoint's weights cross to no other.

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

export interface WrittenFile {
  readonly sha256: string;
  /** The first of the tensors, from 0, that holds a number that is not finite. */
  readonly notFinite?: number;
}

/**
 * Replaces the file, which is on the disk when this returns. Between tensors other work of the process goes on.
 * @param read gives a tensor's numbers; they must not change until this returns
 */
export async function writeFile(
  path: string,
  head: Uint8Array,
  { count, read }: { readonly count: number; readonly read: (tensor: number) => Float32Array },
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  await using file = await open(path, 'w');
  const write = async (bytes: Uint8Array) => {
    hash.update(bytes);
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
  };
  await write(head);
  for (let i = 0; i < count; i++) {
    const data = read(i);
    if (!data.every(Number.isFinite)) return { sha256: '', notFinite: i };
    await write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  await file.sync();
  return { sha256: hash.digest('hex') };
}
