// Files that are being written lie in `.tmp` under names that tell whose they are: what a process left behind that is
// no more can go, what a living one writes cannot.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderSyncs } from './folder-syncs.ts';
import { isNear, isRunning, thisProcess, type ProcessIdentity } from './process-identity.ts';
import { makeFolders } from './make-folders.ts';

export const temporaries = '.tmp';
/** Of a process that cannot be looked at: its file has not been touched for so long. */
const forgottenMs = 3_600_000;

/** Random, so that machines on a shared file system never meet; it names no artefact. */
export async function temporaryName(root: string, names?: FolderSyncs): Promise<string> {
  const folder = join(root, temporaries);
  const first = await makeFolders(folder);
  if (first !== undefined) names?.noteMade(folder, first);
  return join(folder, `${ownName()}~${randomBytes(8).toString('hex')}`);
}

let own: string | undefined;
const ownName = (): string => (own ??= spellOwner(thisProcess()));

export function spellOwner({ host, boot = '', namespace = '', pid, started }: ProcessIdentity): string {
  return [host.slice(0, 60), boot, namespace, pid, started].map(encodeURIComponent).join('~');
}

/** Undefined for names that are not ours. */
function readOwner(name: string): ProcessIdentity | undefined {
  const fields = name.split('~');
  if (fields.length !== 6) return undefined;
  const [host, boot, namespace, pid, started] = fields.map(decodeURIComponent);
  return { host, ...(boot && { boot, namespace }), pid: Number(pid), started };
}

/** @returns how many files of processes that are no more it removed */
export async function removeTemporaries(root: string): Promise<number> {
  const folder = join(root, temporaries);
  const names = await fs.readdir(folder).catch(() => []);
  if (names.length === 0) return 0;
  const now = await fileSystemTime(root);
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    if (await isInUse(path, readOwner(name), now)) continue;
    await fs.rm(path, { force: true, recursive: true });
    removed++;
  }
  return removed;
}

async function isInUse(path: string, owner: ProcessIdentity | undefined, now: number): Promise<boolean> {
  if (!owner) return false;
  if (isNear(owner)) return isRunning(owner);
  const found = await fs.stat(path).catch(() => undefined);
  return found !== undefined && now - found.mtimeMs < forgottenMs;
}

/** By the clock that dates the files. */
async function fileSystemTime(root: string): Promise<number> {
  const path = await temporaryName(root);
  await fs.writeFile(path, '');
  const { mtimeMs } = await fs.stat(path);
  await fs.rm(path);
  return mtimeMs;
}
