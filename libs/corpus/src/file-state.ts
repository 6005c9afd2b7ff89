// What tells that a file is still the one that was read: its size, both its times and its number on the disk. Programs
// set the time of modification back (tar, rsync -t, image layers); the time of change of the inode they cannot set.

import type { BigIntStats } from 'node:fs';

/** "size:modified:changed:inode", times in nanoseconds. */
export function fileState({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}
