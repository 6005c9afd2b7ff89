// From what was typed to a run that can begin: the model, the settings, the pinned index, and whether the folder holds
// this run already.

import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { architectures, findArchitecture, presets, type ModelConfig } from '@gristmill/models';
import { formatIndex, indexDigest, openTokens, parseIndex, type TokenIndex } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import {
  checkSameRun,
  listCheckpoints,
  loaderSettings,
  openRun,
  readRun,
  type RunDescription,
} from './run-folder.ts';
import { checkModel, parseAssignments, resolveSettings, type RunSettings } from './settings.ts';

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
  readonly config: ModelConfig;
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
  const { settings, config } = resolveModel(request, pinned);
  checkModel(config, settings);
  const description: RunDescription = {
    format: 'gristmill-run',
    version: 1,
    settings,
    model: findArchitecture(config).toJson(config),
    loader: loaderSettings(settings),
    index: indexDigest(pinned),
  };
  if (begun) checkSameRun(begun, description);
  return {
    store,
    settings,
    config,
    index: pinned,
    description,
    done: listCheckpoints(store).at(-1) ?? 0,
    repinnedFrom,
  };
}

/** Writes what the run is; the pinned index first, since run.json names it. */
export async function writeRunDescription(prepared: PreparedRun): Promise<void> {
  const { store, index, description, repinnedFrom, done } = prepared;
  await store.replace('index.json', formatIndex(index));
  await store.replace('run.json', `${JSON.stringify(description, undefined, 2)}\n`);
  if (repinnedFrom === undefined) return;
  const earlier = (await store.stat('repins.jsonl'))
    ? new TextDecoder().decode(await store.read('repins.jsonl'))
    : '';
  const line = { step: done, from: repinnedFrom, to: description.index };
  await store.replace('repins.jsonl', `${earlier}${JSON.stringify(line)}\n`);
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
  const own = parseIndex(new TextDecoder().decode(await store.read('index.json')));
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
): { settings: RunSettings; config: ModelConfig } {
  const preset = Object.hasOwn(presets, request.model) ? presets[request.model] : undefined;
  const base = preset?.model ?? readModelFile(request.model);
  const file = request.config === undefined ? {} : readJsonFile(request.config);
  const { settings, model } = resolveSettings(preset?.training ?? {}, file, parseAssignments(request.set));
  const config = {
    ...base,
    ...model,
    vocabSize: index.vocabSize,
    eosTokenId: index.endOfText,
  } as ModelConfig;
  return { settings, config };
}

function readModelFile(path: string): ModelConfig {
  if (!existsSync(path))
    throw new DataError(
      'unknown-model',
      `${path} is neither a model's name nor a file`,
      `names: ${Object.keys(presets).join(', ')}`,
    );
  const json = readJsonFile(path);
  const type = String(json.model_type);
  if (Object.hasOwn(architectures, type)) return architectures[type].fromJson(json);
  throw new DataError(
    'unknown-architecture',
    `${path} describes a model of type ${type}`,
    `give a config.json with a model_type of ${Object.keys(architectures).join(', ')}`,
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
