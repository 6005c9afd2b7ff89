// Compiled programs on the disk, where the plugin can write them down: named by what they are compiled from. The compiler's
// own version is in the name, so another one does not read them; what cannot be read is compiled anew.

import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PjrtClient } from './pjrt.ts';

/** Of a folder; the ones that were not used for longest go. */
const mostPrograms = 64;

type Compiler = Pick<PjrtClient, 'platform' | 'compile' | 'serialise' | 'deserialise'>;

/** @returns a loaded executable */
export function compileCached(client: Compiler, text: string, folder: string): bigint {
  const name = createHash('sha256').update(`${client.platform}\0${text}`).digest('hex');
  const path = join(folder, name);
  const found = tryTo(() => client.deserialise(readFileSync(path)));
  if (found !== undefined) {
    tryTo(() => utimesSync(path, new Date(), new Date()));
    return found;
  }
  const executable = client.compile(text);
  const bytes = client.serialise(executable);
  // A full disk or a folder that may not be written costs no run.
  if (bytes) tryTo(() => write(folder, name, bytes));
  return executable;
}

function write(folder: string, name: string, bytes: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `${name}.${process.pid}.new`);
  writeFileSync(temporary, bytes);
  renameSync(temporary, join(folder, name));
  const files = readdirSync(folder).map((file) => ({ file, time: statSync(join(folder, file)).mtimeMs }));
  files.sort((a, b) => b.time - a.time);
  for (const { file } of files.slice(mostPrograms)) rmSync(join(folder, file));
}

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
