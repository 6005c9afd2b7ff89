// Everything that one run of the engine carries around: the corpus, the recipe, the threads, the way to stop it.

import type { Json } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import type { WorkerPool } from '@gristmill/workers';
import type { Lease } from './lease.ts';
import type { MeterCells } from './meter.ts';
import type { Lock } from './pins.ts';
import type { Progress } from './progress.ts';
import type { ResolvedRecipe, StageName } from './recipe.ts';

export interface RunOptions {
  /** Go to the network for what is due. */
  readonly refresh?: boolean;
  /** Name of an artefact to train anew. */
  readonly retrain?: string;
  /** Stop after this stage; no manifest is written. */
  readonly only?: StageName;
  /** Take the acquired documents as the newest build has them: look at no source. */
  readonly frozen?: boolean;
  /** Changes to the options of steps, by `<stage or step>.<option path>`. */
  readonly set?: Readonly<Record<string, Json>>;
  /** This process does the tasks whose number modulo `ranks` is `rank`, and waits for the others'. */
  readonly rank?: number;
  readonly ranks?: number;
}

export interface BuildRun {
  readonly store: Store;
  readonly recipe: ResolvedRecipe;
  /** Folder of the recipe: relative roots and modules start here. */
  readonly folder: string;
  lock: Lock;
  readonly pool: WorkerPool;
  readonly meter: MeterCells;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly options: RunOptions;
  readonly lease: Lease;
  /** Hash of what this process found in the sources, once it has looked. */
  found?: string;
  /** Ranks that did not live when they were last looked for. */
  readonly absent: Set<number>;
}
