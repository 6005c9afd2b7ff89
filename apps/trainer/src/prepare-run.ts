// From what was typed to a run that can begin: the model, the settings, the pinned index, and whether the folder holds
// this run already.

import { existsSync, readFileSync } from 'node:fs';
import { DataError, suggestName } from '@gristmill/core';
import {
  changeModelConfig,
  createModel,
  presets,
  readModelConfig,
  type LanguageModel,
  type ModelConfig,
} from '@gristmill/models';
import { formatIndex, indexDigest, openTokens, parseIndex, type TokenIndex } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { listCheckpoints } from './checkpoint.ts';
import { loaderSettings, type DataSettings } from './data-settings.ts';
import { checkSameRun, openRun, readRun, type RunDescription } from './run-folder.ts';
import type { RunSettings } from './setting-schema.ts';
import { parseAssignments, resolveSettings } from './settings.ts';

export interface TrainRequest {
  readonly shards: string;
  /** A preset's name, or a file in the form of config.json. */
  readonly model: string;
  readonly run: string;
  readonly config?: string;
  readonly set: readonly string[];
  readonly repin: boolean;
}

export interface PreparedRun {
  readonly store: Store;
  readonly settings: RunSettings;
  readonly data: DataSettings;
  readonly model: LanguageModel;
  readonly index: TokenIndex;
  readonly description: RunDescription;
  /** Steps done already. */
  readonly done: number;
  /** Digest of the index before --repin. */
  readonly repinnedFrom?: string;
}

/** Reads everything and writes nothing. @throws DataError for anything that does not go together */
export async function prepareRun(request: TrainRequest): Promise<PreparedRun> {
  const store = openRun(request.run);
  const begun = await readRun(store);
  const current = (await openTokens(request.shards)).index;
  const { pinned, repinnedFrom } = await chooseIndex(store, begun, current, request.repin);
  const { settings, data, model } = resolveModel(request, pinned);
  checkLength(model, settings);
  const description: RunDescription = {
    format: 'gristmill-run',
    version: 1,
    settings,
    model: model.toJson(),
    loader: loaderSettings(settings, data),
    index: indexDigest(pinned),
  };
  if (begun) checkSameRun(begun, description);
  return {
    store,
    settings,
    data,
    model,
    index: pinned,
    description,
    done: listCheckpoints(store).at(-1) ?? 0,
    repinnedFrom,
  };
}

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

function resolveModel(
  request: TrainRequest,
  index: TokenIndex,
): { settings: RunSettings; data: DataSettings; model: LanguageModel } {
  const preset = Object.hasOwn(presets, request.model) ? presets[request.model] : undefined;
  const base = preset?.model ?? readModelFile(request.model);
  const file = request.config === undefined ? {} : readJsonFile(request.config);
  const sources = [preset?.training ?? {}, file, parseAssignments(request.set)];
  const { settings, model: changes, data } = resolveSettings(...sources);
  const vocabulary = { vocabSize: index.vocabSize, eosTokenId: index.endOfText };
  return { settings, data, model: createModel(changeModelConfig({ ...base, ...vocabulary }, changes)) };
}

function readModelFile(path: string): ModelConfig {
  if (existsSync(path)) return readModelConfig(readJsonFile(path), path);
  throw new DataError(
    'unknown-model',
    `${path} is neither a model's name nor a file`,
    suggestName(path, Object.keys(presets), `names: ${Object.keys(presets).join(', ')}`),
  );
}

/** @throws DataError `wrong-setting` when model and run do not go together */
function checkLength({ maxLength }: LanguageModel, { sequenceLength }: RunSettings): void {
  if (sequenceLength <= maxLength) return;
  throw new DataError(
    'wrong-setting',
    `sequenceLength ${sequenceLength} is longer than the model's ${maxLength} positions`,
    'lower --set sequenceLength or raise --set nPositions',
  );
}

function readJsonFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw new DataError(
      'file-unreadable',
      `${path} cannot be read as JSON`,
      'check the path and its content',
      { cause },
    );
  }
  throw new DataError('file-unreadable', `${path} holds no JSON object`, 'write {"name": value, …}');
}
