// Settings and model of a run: from what was typed, from a preset, and from what the run was begun with.

import { existsSync } from 'node:fs';
import { DataError, suggestName } from '@gristmill/core';
import {
  changeModelConfig,
  createModel,
  findPreset,
  presets,
  readModelConfig,
  specialTokensOf,
  type LanguageModel,
  type ModelConfig,
  type ModelSizes,
  type TrainingRecipe,
} from '@gristmill/models';
import type { TokenIndex } from '@gristmill/shards';
import type { DataSettings } from './data-settings.ts';
import type { InitialWeights } from './initial-weights.ts';
import type { RunDescription } from './run-folder.ts';
import { readJsonFile } from './read-config.ts';
import { settingSchema, type RunSettings } from './setting-schema.ts';
import { parseAssignments, resolveSettings } from './settings.ts';
import { describeVocabulary } from './vocabulary.ts';

export interface TrainRequest {
  /** Default: where the run was begun with. */
  readonly shards?: string;
  /** A preset's name, or a file in the form of config.json. Default: what the run was begun with. */
  readonly model?: string;
  readonly run: string;
  /** Settings as JSON, or a training recipe, which may name model and weights too. */
  readonly config?: string;
  readonly set: readonly string[];
  readonly repin: boolean;
  /** A model directory whose weights the run begins with. */
  readonly initFrom?: string;
}

export interface ResolvedRun {
  readonly settings: RunSettings;
  readonly data: DataSettings;
  readonly model: LanguageModel;
}

export interface RunSources {
  readonly request: TrainRequest;
  /** What the file of --config says. */
  readonly recipe?: TrainingRecipe;
  readonly index: TokenIndex;
  readonly begun?: RunDescription;
  readonly initial?: InitialWeights;
  /** The bytes of the shards' tokenizer.json, where they have one. */
  readonly tokenizer?: Uint8Array;
}

/** @throws DataError `no-model-named`, `unknown-model`, `wrong-setting` … */
export function resolveRun({
  request,
  recipe = {},
  index,
  begun,
  initial,
  tokenizer,
}: RunSources): ResolvedRun {
  const preset = request.model === undefined ? undefined : findPreset(request.model);
  const before = request.model === undefined && begun ? settingsOf(begun) : (preset?.training ?? {});
  const {
    settings,
    model: changes,
    data,
  } = resolveSettings(before, recipe.settings ?? {}, parseAssignments(request.set));
  const base = chooseModel({ request, index, begun, initial });
  const least = initial && specialTokensOf(base.modelType).length > 0 ? initial.model.vocabSize : 0;
  const vocabulary = describeVocabulary({ sizes: base, index, tokenizer, least });
  const model = createModel(changeModelConfig({ ...base, ...vocabulary }, changes));
  if (initial) checkFits(initial, model);
  checkLength(model, settings);
  return { settings, data, model };
}

/** What a run was begun with, as a source of settings. */
function settingsOf({ settings, loader }: RunDescription): Record<string, unknown> {
  const { packing, mixture, onDamaged } = loader;
  const known = Object.entries(settings).filter(([name]) => Object.hasOwn(settingSchema, name));
  const data = Object.entries({ packing, mixture, onDamaged }).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...known, ...data]);
}

/** The sizes of initial weights, else those of the model that was named, else those that the run was begun with. */
function chooseModel({ request, begun, initial }: RunSources): ModelSizes {
  if (initial) return readModelConfig(initial.model.toJson(), initial.directory);
  if (request.model !== undefined) return findPreset(request.model)?.model ?? readModelFile(request.model);
  if (begun) return readModelConfig(begun.model, `run.json in ${request.run}`);
  throw new DataError(
    'no-model-named',
    `${request.run} holds no run yet, so the model must be named`,
    `give --model, one of ${Object.keys(presets).join(', ')}, or --init-from with a model directory`,
  );
}

/** Tokens that begin and end texts are those of the shards. */
function readModelFile(path: string): ModelConfig {
  const own = { bos_token_id: null, eos_token_id: null };
  if (existsSync(path)) return readModelConfig({ ...readJsonFile(path), ...own }, path);
  throw new DataError(
    'unknown-model',
    `${path} is neither a model's name nor a file`,
    suggestName(path, Object.keys(presets), `names: ${Object.keys(presets).join(', ')}`),
  );
}

/** @throws DataError `vocabulary-differs`, `wrong-setting` */
function checkFits({ model: given, directory }: InitialWeights, model: LanguageModel): void {
  if (given.vocabSize !== model.vocabSize)
    throw new DataError(
      'vocabulary-differs',
      `the model in ${directory} has ${given.vocabSize} tokens, the shards ${model.vocabSize}`,
      'pack shards with the tokenizer.json of that model',
    );
  const shapes = new Map(given.parameters().map(({ name, shape }) => [name, shape.join()]));
  const other = model.parameters().find(({ name, shape }) => shapes.get(name) !== shape.join());
  if (other === undefined && shapes.size === model.parameters().length) return;
  throw new DataError(
    'wrong-setting',
    `the weights in ${directory} have other sizes than the settings ask for`,
    'leave out nLayer, nHead, nEmbd and nPositions',
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
