// Files that a training step learns from: labelled texts, lists of URLs, evaluation sets. Named in the step's options,
// relative to the recipe; a folder stands for all files below it. What was learned is pinned, so a machine that only
// uses the pin needs none of them. Their states tell the next run whether to look.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { createRecord, DataError, hashJson, sha256 } from '@gristmill/core';
import { fileState } from './file-state.ts';

export interface TrainingFile {
  /** As the recipe names it; below a folder with the path inside it, divided by `/`. */
  readonly path: string;
  read(): Promise<Uint8Array>;
}

/** Sorted by path. @throws DataError `no-such-file` */
export async function listTrainingFiles(folder: string, paths: readonly string[]): Promise<TrainingFile[]> {
  const files = new Map<string, string>();
  for (const path of paths) {
    for (const file of await filesAt(resolve(folder, path), path)) {
      const below = relative(resolve(folder, path), file).split(sep).join('/');
      files.set(below === '' ? path : `${path.replace(/(?<!\/)\/+$/, '')}/${below}`, file);
    }
  }
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, file]) => ({ path, read: () => readFile(file) }));
}

async function filesAt(location: string, path: string): Promise<string[]> {
  const state = await stat(location).catch((cause: unknown) => {
    throw new DataError(
      'no-such-file',
      `a step of the recipe names ${path}, which is not there`,
      'correct the path; it starts at the recipe',
      {
        cause,
      },
    );
  });
  if (!state.isDirectory()) return [location];
  const entries = await readdir(location, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Of paths and contents; undefined when some file is not there, which is no change where a pin stands. */
export async function digestTrainingFiles(
  folder: string,
  paths: readonly string[],
): Promise<string | undefined> {
  try {
    const digests = createRecord<string>();
    for (const file of await listTrainingFiles(folder, paths)) digests[file.path] = sha256(await file.read());
    return hashJson(digests);
  } catch (error) {
    if (error instanceof DataError && error.code === 'no-such-file') return undefined;
    throw error;
  }
}

/** States of the files below each path, for the look whether anything moved. */
export async function stateOfTrainingFiles(
  folder: string,
  paths: readonly string[],
): Promise<Record<string, string>> {
  const states = createRecord<string>();
  for (const path of paths) {
    const files = await filesAt(resolve(folder, path), path).catch(() => []);
    const found = await Promise.all(
      files
        .sort()
        .map(async (file) => `${relative(folder, file)}:${fileState(await stat(file, { bigint: true }))}`),
    );
    states[path] = found.join('\n');
  }
  return states;
}
