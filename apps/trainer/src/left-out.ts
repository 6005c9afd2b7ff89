// What an evaluation must leave out because a run was trained on it: documents of the shards that its steps saw, and
// items that the corpus' contamination table found in such documents. Told from the run's folder alone.

import { DataError } from '@gristmill/core';
import {
  indexDigest,
  openLoader,
  parseIndex,
  readContamination,
  traceStep,
  type Loader,
} from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { headPath } from './kept-heads.ts';
import { openRun, readRun, readSampleCounts, type RunDescription } from './run-folder.ts';

export interface LeftOut {
  /** Ids of documents that some step saw. */
  readonly documents: ReadonlySet<string>;
  /** Digests of the plain words of evaluation items that stand in one of them. */
  readonly items: ReadonlySet<string>;
  /** False where the corpus was not searched for evaluation items. */
  readonly isSearched: boolean;
}

/** @throws DataError `no-such-run` */
export async function findLeftOut(directory: string): Promise<LeftOut> {
  const run = openRun(directory);
  const description = await readRun(run);
  if (description === undefined) {
    throw new DataError(
      'no-such-run',
      `${directory} holds no training run`,
      'give the folder of `gristmill-trainer train --run`',
    );
  }
  const documents = await documentsSeen(run, description);
  const rows = await readContamination(run);
  const hits = (rows ?? []).filter(({ id }) => documents.has(id));
  return { documents, items: new Set(hits.map(({ digest }) => digest)), isSearched: rows !== undefined };
}

async function documentsSeen(run: Store, description: RunDescription): Promise<Set<string>> {
  const index = parseIndex(new TextDecoder().decode(await run.read('index.json')));
  const loader = await openLoader({
    ...description.loader,
    shards: run,
    index,
    sampleCounts: await readSampleCounts(run, indexDigest(index)),
    keptHeads: ({ file }) => run.read(headPath(file)),
  });
  try {
    return await traceAll(loader, await stepsTaken(run));
  } finally {
    await loader.close();
  }
}

/** Stops when every document of the training shards was seen. */
async function traceAll(loader: Loader, steps: number): Promise<Set<string>> {
  const all = loader.index.splits[trainSplit]?.documents ?? 0;
  const seen = new Set<string>();
  for (let step = 0; step < steps && seen.size < all; step++) {
    for (const row of await traceStep(loader, step)) for (const { id } of row?.documents ?? []) seen.add(id);
  }
  return seen;
}

const trainSplit = 'train';

/** The last step of loss.jsonl. */
async function stepsTaken(run: Store): Promise<number> {
  if ((await run.stat('loss.jsonl')) === undefined) return 0;
  const lines = new TextDecoder()
    .decode(await run.read('loss.jsonl'))
    .trimEnd()
    .split('\n');
  return (JSON.parse(lines.at(-1)!) as { step: number }).step;
}

/** Tests items of a file; loads the reader of plain words only when there is something to leave out. */
export async function createItemTest({ items }: LeftOut): Promise<(text: string) => boolean> {
  if (items.size === 0) return () => false;
  const { evaluationDigest, plainText } = await import('@gristmill/detect');
  return (text) => items.has(evaluationDigest(plainText(text)));
}
