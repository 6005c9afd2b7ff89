// What an evaluation must leave out because a run was trained on it: documents of the shards that its steps saw, and
// items that the corpus' contamination table found in such documents. Told from the run's folder alone.

import { DataError } from '@gristmill/core';
import {
  indexDigest,
  openLoader,
  parseIndex,
  readContamination,
  traceDocument,
  traceStep,
  type ContaminationRow,
  type Loader,
} from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { headPath } from './kept-heads.ts';
import { openRun, readRun, readSampleCounts, type RunDescription } from './run-folder.ts';

export interface LeftOut {
  /** Ids of documents that some step saw. */
  readonly documents: ReadonlySet<string>;
  /** Sources of which it saw some document. */
  readonly sources: ReadonlySet<string>;
  /** By the digest of the plain words of an evaluation item that stands in one of them: the steps, counted from 1. */
  readonly items: ReadonlyMap<string, readonly number[]>;
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
  const loader = await openRunLoader(run, description);
  try {
    const steps = await stepsTaken(run);
    const seen = await traceAll(loader, steps);
    const rows = await readContamination(run);
    const hits = (rows ?? []).filter(({ id }) => seen.documents.has(id));
    return { ...seen, items: await traceHits(loader, hits, steps), isSearched: rows !== undefined };
  } finally {
    await loader.close();
  }
}

async function openRunLoader(run: Store, description: RunDescription): Promise<Loader> {
  const index = parseIndex(new TextDecoder().decode(await run.read('index.json')));
  return openLoader({
    ...description.loader,
    shards: run,
    index,
    sampleCounts: await readSampleCounts(run, indexDigest(index)),
    keptHeads: ({ file }) => run.read(headPath(file)),
  });
}

async function traceHits(
  loader: Loader,
  hits: readonly ContaminationRow[],
  steps: number,
): Promise<Map<string, readonly number[]>> {
  const byItem = new Map<string, readonly number[]>();
  for (const { digest, id } of hits) {
    const traced = await traceDocument(loader, id, steps);
    const all = [...(byItem.get(digest) ?? []), ...traced.map(({ step }) => step + 1)];
    byItem.set(
      digest,
      [...new Set(all)].sort((a, b) => a - b),
    );
  }
  return byItem;
}

/** Stops when every document of the training shards was seen. */
async function traceAll(
  loader: Loader,
  steps: number,
): Promise<{ readonly documents: Set<string>; readonly sources: Set<string> }> {
  const all = loader.index.splits[trainSplit]?.documents ?? 0;
  const [documents, sources] = [new Set<string>(), new Set<string>()];
  for (let step = 0; step < steps && documents.size < all; step++) {
    for (const row of await traceStep(loader, step)) {
      if (row) sources.add(row.source.shard.source);
      for (const { id } of row?.documents ?? []) documents.add(id);
    }
  }
  return { documents, sources };
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

/** Tells whether an item of a file is left out; loads the reader of plain words only when there is something to leave out. */
export async function createItemTest(leftOut: LeftOut): Promise<(text: string) => boolean> {
  const findSteps = await createStepFinder(leftOut);
  return (text) => (findSteps([text])?.length ?? 0) > 0;
}

/** Tells at which steps a run saw an item that has one of some texts; undefined where its corpus was not searched. */
export async function createStepFinder({
  items,
  isSearched,
}: LeftOut): Promise<(texts: readonly string[]) => readonly number[] | undefined> {
  if (!isSearched) return () => undefined;
  if (items.size === 0) return () => [];
  const { evaluationDigest, plainText } = await import('@gristmill/detect');
  return (texts) => {
    const found = texts.flatMap((text) => items.get(evaluationDigest(plainText(text))) ?? []);
    return [...new Set(found)].sort((a, b) => a - b);
  };
}
