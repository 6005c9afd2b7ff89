// What a changed option would do: the recipe is run with it on a scratch layer above the corpus, up to select, and
// compared with the newest build. Nothing of the corpus changes; tokens that were not made are estimated.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@gristmill/core';
import { openOverlayStore, type Store } from '@gristmill/storage';
import { openBuild } from './build-documents.ts';
import { createState } from './build-state.ts';
import { diffOpen, type BuildDiff } from './diff.ts';
import { requireLastRun } from './last-run.ts';
import { requireManifest } from './manifest.ts';
import type { Progress } from './progress.ts';
import { runRecipe } from './run-recipe.ts';

export interface WhatIfRequest {
  /** `select.minScore` → value. */
  readonly set: Readonly<Record<string, Json>>;
  readonly workers?: number;
  readonly progress?: Progress;
}

export async function whatIf(store: Store, { set, workers, progress }: WhatIfRequest): Promise<BuildDiff> {
  const newest = await openBuild(store, await requireManifest(store));
  const { recipe, lock } = await requireLastRun(store);
  const scratch = await mkdtemp(join(tmpdir(), 'gristmill-'));
  const overlay = await openOverlayStore({ base: JSON.stringify(store.reference), scratch });
  try {
    const hasSelect = newest.state.tables.has('select/decisions');
    const outcome = await runRecipe({
      recipe,
      lock,
      store: overlay,
      workers,
      progress,
      set,
      frozen: true,
      only: hasSelect ? 'select' : 'annotate',
    });
    const changed = {
      ...newest,
      store: overlay,
      manifest: { ...newest.manifest, build: 'what-if' },
      state: createState(outcome.markers),
    };
    return await diffOpen(newest, changed);
  } finally {
    await overlay.close();
    await rm(scratch, { recursive: true, force: true });
  }
}
