// By which globs a recipe names the files of a group.

import { basename } from 'node:path';
import type { FoundFile } from './inspect-folder.ts';

interface Files {
  readonly files: readonly FoundFile[];
}

const mostPaths = 1000;

/** By ending where the group has it alone, by a name that many of its files have; else by path. */
export function globs<T extends Files>(group: T, groups: readonly T[]): string[] {
  const others = groups.filter((other) => other !== group).flatMap(({ files }) => files);
  const taken = new Set(others.map(({ ending }) => ending));
  const takenNames = new Set(others.map(({ path }) => basename(path)));
  const endings = Map.groupBy(group.files, ({ ending }) => ending);
  return [...endings].flatMap(([ending, files]) => {
    if (ending !== '' && !taken.has(ending)) return [`**/*${escapeGlob(ending)}`];
    const names = [...Map.groupBy(files, ({ path }) => basename(path))];
    return names
      .flatMap(([name, own]) =>
        own.length > 1 && !takenNames.has(name)
          ? [`**/${escapeGlob(name)}`]
          : own.map(({ path }) => escapeGlob(path)),
      )
      .slice(0, mostPaths);
  });
}

export const escapeGlob = (path: string): string =>
  path.replaceAll(/[\\[\]{}()*?!+@]/g, (mark) => `[${mark}]`);
