// A file system of a few MB for tests of full disks. Mounting one needs rights that not every place gives.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns its folder and a way to unmount it; undefined where none can be mounted */
export function mountSmallDisk(kilobytes: number): { folder: string; unmount(): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]);
  return status === 0 ? { folder, unmount: () => void spawnSync('umount', ['-l', folder]) } : undefined;
}

const probe = mountSmallDisk(64);
probe?.unmount();
/** For a test's title; empty where a disk can be mounted. */
export const whyNoDisk = probe ? '' : ' (skipped: no file system can be mounted here)';
