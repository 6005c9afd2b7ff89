// Makes a folder with those above it, one after the other: Node's own recursive call never ends where the system says that
// the parent of what it refuses is missing (/proc).

import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';

const mostTries = 10;

/**
 * Folders that others take away meanwhile, because they are empty, are made again.
 * @returns the outermost folder that was made; undefined when all were there. Errors are the system's
 */
export async function makeFolders(folder: string): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await makeOnce(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isGone = code === 'ENOENT' || (code === 'EEXIST' && !(await isThere(folder)));
      if (!isGone || tries === mostTries) throw error;
    }
  }
}

async function makeOnce(folder: string): Promise<string | undefined> {
  if (await isMade(folder)) return folder;
  if (await isFolder(folder)) return undefined;
  const parent = dirname(folder);
  const first = parent === folder ? undefined : await makeOnce(parent);
  try {
    await fs.mkdir(folder);
  } catch (error) {
    if (!(await isFolder(folder))) throw error;
  }
  return first ?? folder;
}

/** False where it is there already or its parent is missing. */
async function isMade(folder: string): Promise<boolean> {
  try {
    await fs.mkdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || (code === 'EEXIST' && (await isFolder(folder)))) return false;
    throw error;
  }
}

const isFolder = (path: string) =>
  fs.stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const isThere = (path: string) =>
  fs.lstat(path).then(
    () => true,
    () => false,
  );
