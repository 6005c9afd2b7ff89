// From what was typed to a run that can begin: the model, the settings, the pinned index, and whether the folder holds
// this run already.

import { resolve } from 'node:path';
import { DataError } from '@gristmill/core';
import type { LanguageModel, Objective } from '@gristmill/models';
import { formatIndex, indexDigest, openTokens, parseIndex, type TokenIndex } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { listCheckpoints } from './checkpoint.ts';
import { loaderSettings, type DataSettings } from './data-settings.ts';
import { checkSameRun, openRun, readRun, type RunDescription } from './run-folder.ts';
import type { RunSettings } from './setting-schema.ts';
import { findShards } from './find-shards.ts';
import { openInitialWeights, type InitialWeights } from './initial-weights.ts';
import { createRunObjective } from './run-objective.ts';
import { checkRampFits } from './step-size.ts';
import { readConfig } from './read-config.ts';
import { resolveRun, type TrainRequest } from './resolve-run.ts';
import { checkSameTokenizer } from './same-tokenizer.ts';

export interface PreparedRun {
  readonly store: Store;
  readonly settings: RunSettings;
  readonly data: DataSettings;
  readonly model: LanguageModel;
  readonly objective: Objective;
  readonly index: TokenIndex;
  readonly description: RunDescription;
  /** Steps done already. */
  readonly done: number;
  /** Digest of the index before --repin. */
  readonly repinnedFrom?: string;
  /** Where the shards lie. */
  readonly shards: string;
  /** Of --init-from. */
  readonly initial?: InitialWeights;
}

/** Reads everything and writes nothing. @throws DataError for anything that does not go together */
export async function prepareRun(asked: TrainRequest): Promise<PreparedRun> {
  const recipe = asked.config === undefined ? {} : await readConfig(asked.config);
  const { model: named = recipe.model, initFrom: from = recipe.initFrom } = asked;
  const request = { ...asked, model: named, initFrom: from };
  const store = openRun(request.run);
  const begun = await readRun(store);
  const shards = request.shards === undefined ? begun?.shards : findShards(request.shards, begun?.shards);
  if (shards === undefined)
    throw new DataError(
      'no-shards',
      `${request.run} does not say where its shards lie`,
      'give --shards, a corpus or its folder tokens/<key>',
    );
  const tokens = await openTokens(shards);
  const current = tokens.index;
  const { pinned, repinnedFrom } = await chooseIndex(store, begun, current, request.repin);
  const done = listCheckpoints(store).at(-1) ?? 0;
  // Once there is a checkpoint, what the run began with need not be there any more.
  const initFrom = request.initFrom ?? (done === 0 ? begun?.initFrom?.directory : undefined);
  const initial = initFrom === undefined ? undefined : await openInitialWeights(initFrom);
  const tokenizer = current.tokenizer.file === undefined ? undefined : await tokens.tokenizer();
  const { settings, data, model } = resolveRun({ request, recipe, index: pinned, begun, initial, tokenizer });
  if (initial?.tokenizer && tokenizer) checkSameTokenizer(initial.directory, initial.tokenizer, tokenizer);
  const objective = createRunObjective(settings, model, pinned);
  checkRampFits(settings, objective);
  const description: RunDescription = {
    format: 'gristmill-run',
    version: 1,
    settings,
    model: model.toJson(),
    loader: loaderSettings(settings, data, objective),
    index: indexDigest(pinned),
    shards: placeOf(shards),
    ...(initial ? { initFrom: describeInitial(initial) } : begun?.initFrom && { initFrom: begun.initFrom }),
  };
  if (begun) checkSameRun(begun, description);
  const about = { settings, data, model, objective, index: pinned, description };
  return { store, ...about, done, repinnedFrom, shards, initial };
}

const describeInitial = ({ directory, sha256 }: InitialWeights) => ({
  directory: placeOf(directory),
  sha256,
});

/** A path that holds from any working directory; an address as it is. */
const placeOf = (place: string) => (place.includes('://') ? place : resolve(place));

/**
 * Writes what the run is; the pinned index first, since run.json names it. The index of the steps before a --repin is
 * kept under its digest, so that these steps can still be told.
 */
export async function writeRunDescription(prepared: PreparedRun): Promise<void> {
  const { store, index, description, repinnedFrom, done } = prepared;
  if (repinnedFrom !== undefined) {
    await store.replace(
      earlierIndexPath(repinnedFrom),
      formatIndex(await readPinnedIndex(store, repinnedFrom)),
    );
    await recordRepin(store, { step: done, from: repinnedFrom, to: description.index });
  }
  await store.replace('index.json', formatIndex(index));
  await store.replace('run.json', `${JSON.stringify(description, undefined, 2)}\n`);
}

const earlierIndexPath = (digest: string) => `indexes/${digest}.json`;

/** Once, also when the start that wrote it did not get to run.json. */
async function recordRepin(store: Store, repin: { step: number; from: string; to: string }): Promise<void> {
  const line = `${JSON.stringify(repin)}\n`;
  const earlier = (await store.stat('repins.jsonl'))
    ? new TextDecoder().decode(await store.read('repins.jsonl'))
    : '';
  if (!earlier.endsWith(line)) await store.replace('repins.jsonl', `${earlier}${line}`);
}

/** The index of a digest, in the run's folder. @throws DataError `run-damaged` */
async function readPinnedIndex(store: Store, digest: string): Promise<TokenIndex> {
  for (const path of ['index.json', earlierIndexPath(digest)]) {
    if ((await store.stat(path)) === undefined) continue;
    const index = parseIndex(new TextDecoder().decode(await store.read(path)));
    if (indexDigest(index) === digest) return index;
  }
  throw new DataError(
    'run-damaged',
    `${store.location} does not hold the index that its run.json names`,
    'begin the run again in another folder',
  );
}

async function chooseIndex(
  store: Store,
  begun: RunDescription | undefined,
  current: TokenIndex,
  repin: boolean,
): Promise<{ pinned: TokenIndex; repinnedFrom?: string }> {
  if (!begun) return { pinned: current };
  const digest = indexDigest(current);
  if (digest === begun.index) return { pinned: current };
  if (repin) return { pinned: current, repinnedFrom: begun.index };
  const own = await readPinnedIndex(store, begun.index);
  // Shards are never overwritten: as long as all of the pinned ones are still named, the run goes on with its own.
  const files = new Set(current.shards.map(({ file }) => file));
  if (own.shards.every(({ file }) => files.has(file))) return { pinned: own };
  throw new DataError(
    'shards-rewritten',
    'the shards were written anew since this run was begun',
    'give the old folder, or --repin to go on with the new shards (the break is recorded in repins.jsonl)',
  );
}
