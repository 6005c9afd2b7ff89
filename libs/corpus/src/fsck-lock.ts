// The recorded inputs beside a recipe, checked: the lock, and each pin against its SHA-256. Neither can be computed
// again to the same bytes for sure, so nothing is removed here: a pin is restored from a copy or trained anew.

import { stat } from 'node:fs/promises';
import { DataError } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import type { Damage } from './fsck.ts';
import { readManifest } from './manifest.ts';
import { pinFile, readLock, readPins, type Lock } from './pins.ts';

/** @param file the lock by which the corpus was last built */
export async function checkLock(store: Store, file: string): Promise<Damage[]> {
  const build = await readManifest(store).catch(() => undefined);
  const used = Object.entries(build?.pins ?? {});
  let lock: Lock;
  try {
    lock = await readLock(file);
  } catch (error) {
    return [damaged(file, (error as Error).message, used)];
  }
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere && used.length > 0) return [damaged(file, 'it is missing', used)];
  const damages: Damage[] = [];
  for (const [name, pin] of Object.entries(lock.pins)) {
    try {
      await readPins(lock, [name]);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      damages.push(damaged(pinFile(lock, pin), error.message, [[name, pin.sha256]]));
    }
  }
  return damages;
}

function damaged(path: string, problem: string, pins: readonly (readonly [string, string])[]): Damage {
  const names = pins.map(([name, digest]) => `${name} (${digest.slice(0, 12)})`).join(', ');
  const hint = names === '' ? '' : `: all documents that were made with ${names} depend on it`;
  return { path, problem: `${problem}${hint}`, repairable: false };
}
