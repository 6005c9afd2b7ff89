// What a training run has seen of a document: its folder holds the index that it pinned and the settings of its
// loader, from which the steps follow by arithmetic. Reads run folders, never writes them.

import { DataError } from '@gristmill/core';
import { openLoader, parseIndex, traceDocument, type LoaderOptions } from '@gristmill/shards';
import { readJson, type Store } from '@gristmill/storage';
import { folderOf } from './fsck.ts';

export interface TrainedSteps {
  readonly run: string;
  /** Steps, from 1, whose batch held (part of) the document. */
  readonly steps: readonly number[];
  /** Steps that the run has taken. */
  readonly of: number;
}

interface RunDescription {
  readonly loader: Pick<LoaderOptions, 'split' | 'sequenceLength' | 'globalBatchSize' | 'seed'>;
}

/** @param corpus the corpus whose shards the run was trained on */
export async function stepsThatSaw(corpus: Store, run: Store, id: string): Promise<TrainedSteps> {
  const description = await readJson<RunDescription>(run, 'run.json');
  if (!description || !(await run.stat('index.json'))) {
    throw new DataError(
      'no-such-run',
      `${run.location} holds no training run`,
      'give the folder of `gristmill-trainer train --run`',
    );
  }
  const index = parseIndex(new TextDecoder().decode(await run.read('index.json')));
  const of = await stepsTaken(run);
  const shards = folderOf(corpus, `tokens/${index.key}/`);
  const loader = await openLoader({ ...description.loader, shards, index });
  try {
    const seen = await traceDocument(loader, id, of);
    return { run: run.location, steps: [...new Set(seen.map(({ step }) => step + 1))], of };
  } finally {
    await loader.close();
  }
}

/** The last step of loss.jsonl. */
async function stepsTaken(run: Store): Promise<number> {
  if (!(await run.stat('loss.jsonl'))) return 0;
  const lines = new TextDecoder()
    .decode(await run.read('loss.jsonl'))
    .trimEnd()
    .split('\n');
  let last = 0;
  for (const line of lines) last = Math.max(last, Number(/"step":\s*(\d+)/.exec(line)?.[1] ?? 0));
  return last;
}
