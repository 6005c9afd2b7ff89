// Builds from which a repair took files. The next run makes the newest state whole again; where that is another build,
// the injured one cannot be had again, and it leaves the list of builds when the new one is complete.

import { readJson, type Store } from '@gristmill/storage';

const recordFile = 'log/repaired.json';

export async function readRepaired(store: Store): Promise<Set<string>> {
  return new Set(await readJson<string[]>(store, recordFile).catch(() => undefined));
}

export async function addRepaired(store: Store, builds: Iterable<string>): Promise<void> {
  const all = new Set([...(await readRepaired(store)), ...builds]);
  if (all.size > 0) await store.replace(recordFile, `${JSON.stringify([...all].sort())}\n`);
}

export function forgetRepaired(store: Store): Promise<void> {
  return store.remove(recordFile);
}
