// A recipe owns its corpus by its name: the newest build tells whose it is. Another recipe's run there would put the
// builds of the first off the list sooner or later, so it must be asked for.

import { DataError } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { readManifest } from './manifest.ts';

/** @throws DataError `other-recipe` */
export async function checkOwner(store: Store, name: string): Promise<void> {
  const owner = (await readManifest(store))?.recipe.name;
  if (owner === undefined || owner === name) return;
  throw new DataError(
    'other-recipe',
    `${store.location} holds builds of the recipe ${JSON.stringify(owner)}, and this one is ${JSON.stringify(name)}`,
    'give another --corpus; or take this one over with --adopt (its builds stay until gc)',
  );
}
