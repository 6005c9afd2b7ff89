// Names of files that somebody else wrote down: in an index, an inventory, a bucket. None may lead out of the folder
// that it is put in, on any system.

import { DataError } from './data-error.ts';

/** True for `a/b.txt`: parts between single slashes, none of them empty, `.` or `..`; no backslash, no NUL, no drive. */
export function isPathBelow(path: unknown): path is string {
  if (typeof path !== 'string' || /[\\\0]/.test(path) || /^[a-z]:/i.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** As `isPathBelow`, without folders. */
export function isFileName(name: unknown): name is string {
  return isPathBelow(name) && !name.includes('/');
}

/**
 * @param from what names the path, for the error
 * @throws DataError `unsafe-path`
 */
export function checkPathBelow(path: string, from: string): string {
  if (isPathBelow(path)) return path;
  throw new DataError(
    'unsafe-path',
    `${from} names the file ${JSON.stringify(path)}, which does not lie in it`,
    'it is damaged or not to be trusted: use a copy from where it was made',
  );
}
