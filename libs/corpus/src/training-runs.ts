// What a training run has seen of a document: its folder holds the index that it pinned and the settings of its
// loader, from which the steps follow by arithmetic. Reads run folders, never writes them.

import { DataError } from '@gristmill/core';
import {
  indexDigest,
  openLoader,
  parseIndex,
  traceDocument,
  type DocumentStep,
  type LoaderOptions,
  type TokenIndex,
} from '@gristmill/shards';
import { readJson, type Store } from '@gristmill/storage';
import { checkVersion } from './format-version.ts';
import { folderOf } from './fsck.ts';

export interface TrainedSteps {
  readonly run: string;
  /** Steps, from 1, whose batch held (part of) the document. */
  readonly steps: readonly number[];
  /** Tokens of the document in their rows, each as often as it was seen; one at the border of two rows is in both. */
  readonly tokens: number;
  /** Steps that the run has taken. */
  readonly of: number;
}

interface RunDescription {
  readonly loader: Omit<LoaderOptions, 'shards' | 'index'>;
  /** Digest of the index in force now. */
  readonly index: string;
}

/** Steps that a run took under one index; --repin begins another. */
interface Stretch {
  readonly index: string;
  /** After the last. */
  readonly until: number;
}

/** Undefined where there is no run. @throws DataError `corpus-version` for a run of another version */
export async function readRunDescription(run: Store): Promise<RunDescription | undefined> {
  const description = await readJson<RunDescription & { version: number }>(run, 'run.json');
  if (description) checkVersion(`run.json in ${run.location}`, description.version, runVersion);
  return description;
}

const runVersion = 1;

/**
 * @param corpus the corpus whose shards the run was trained on
 * @throws DataError `no-such-run`
 */
export async function stepsThatSaw(corpus: Store, run: Store, id: string): Promise<TrainedSteps> {
  const description = await readRunDescription(run);
  if (!description || !(await run.stat('index.json'))) {
    throw new DataError(
      'no-such-run',
      `${run.location} holds no training run`,
      'give the folder of `gristmill-trainer train --run`',
    );
  }
  const of = await stepsTaken(run);
  const steps = new Set<number>();
  let [from, tokens] = [0, 0];
  for (const { index, until } of await stretchesOf(run, description.index)) {
    const end = Math.min(of, until);
    for (const seen of await stepsUnder(corpus, run, { description, index, id, until: end })) {
      if (seen.step < from) continue;
      steps.add(seen.step + 1);
      tokens += seen.end - seen.start;
    }
    from = end;
  }
  return { run: run.location, steps: [...steps], tokens, of };
}

async function stretchesOf(run: Store, current: string): Promise<Stretch[]> {
  if (!(await run.stat('repins.jsonl'))) return [{ index: current, until: Infinity }];
  const lines = new TextDecoder()
    .decode(await run.read('repins.jsonl'))
    .trimEnd()
    .split('\n');
  const repins = lines.map((line) => JSON.parse(line) as { step: number; from: string });
  return [
    ...repins.map(({ step, from }) => ({ index: from, until: step })),
    { index: current, until: Infinity },
  ];
}

/** Steps from 0. The run's own copies of the shards' heads are enough: the shards may be gone. */
async function stepsUnder(
  corpus: Store,
  run: Store,
  wanted: { description: RunDescription; index: string; id: string; until: number },
): Promise<DocumentStep[]> {
  const index = await readRunIndex(run, wanted.index);
  if (index === undefined) return [];
  const counts = await readJson<Record<string, LoaderOptions['sampleCounts']>>(run, 'samples.json');
  const loader = await openLoader({
    ...wanted.description.loader,
    shards: folderOf(corpus, `tokens/${index.key}/`),
    index,
    sampleCounts: counts?.[wanted.index],
    async keptHeads({ file }) {
      const path = `heads/${file}`;
      return (await run.stat(path)) === undefined ? undefined : run.read(path);
    },
  });
  try {
    return await traceDocument(loader, wanted.id, wanted.until);
  } finally {
    await loader.close();
  }
}

async function readRunIndex(run: Store, digest: string): Promise<TokenIndex | undefined> {
  for (const path of [`indexes/${digest}.json`, 'index.json']) {
    if (!(await run.stat(path))) continue;
    const index = parseIndex(new TextDecoder().decode(await run.read(path)));
    if (indexDigest(index) === digest) return index;
  }
  return undefined;
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
