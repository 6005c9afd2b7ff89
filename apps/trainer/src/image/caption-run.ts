// Training on images and what is said of them, in a run's folder like any other: losses, checkpoints, the model. A run that
// was stopped goes on by itself; what it was begun with lies in run-images.json.

import { readFile } from 'node:fs/promises';
import { DataError, hashJson, type Json } from '@gristmill/core';
import {
  changeModelConfig,
  createCaptions,
  createModel,
  type Captions,
  type LanguageModel,
  type ModelConfig,
} from '@gristmill/models';
import { readJson } from '@gristmill/storage';
import type { Executor } from '@gristmill/tensor';
import { openInitialWeights } from '../initial-weights.ts';
import { openRun } from '../run-folder.ts';
import type { RunSettings } from '../setting-schema.ts';
import { freeSettings, resolveSettings } from '../settings.ts';
import { openTextTokenizer } from '../text-tokenizer.ts';
import { train } from '../train.ts';
import type { TrainOptions, TrainReport } from '../training-run.ts';
import { describeVocabulary } from '../vocabulary.ts';
import { openCaptionSource, readCaptions } from './caption-source.ts';

export interface CaptionRequest {
  /** JSON lines {image, text}. */
  readonly data: string;
  readonly validation?: string;
  /** tokenizer.json */
  readonly tokenizer: string;
  readonly run: string;
  /** Sizes; the vocabulary is the tokenizer's. */
  readonly model: ModelConfig;
  /** By the names of `train`, later ones win. */
  readonly settings: readonly Readonly<Record<string, unknown>>[];
  /** A model directory whose weights the run begins with. */
  readonly initFrom?: string;
}

/** @throws DataError `wrong-setting`, `run-differs`, `cannot-see`, `end-of-text-missing` and those of what it reads */
export async function trainOnCaptions(
  request: CaptionRequest,
  executor: Executor,
  watched: Pick<TrainOptions, 'signal' | 'onStep' | 'onValidation'> = {},
): Promise<TrainReport> {
  const tokenizerFile = await readFile(request.tokenizer);
  const tokenizer = await openTextTokenizer(tokenizerFile, request.tokenizer);
  const { settings, model: changes } = resolveSettings(...request.settings);
  const index = { vocabSize: tokenizer.vocabSize, endOfText: findEndOfText(tokenizer, request.tokenizer) };
  const vocabulary = describeVocabulary({ sizes: request.model, index, tokenizer: tokenizerFile });
  const model = createModel(changeModelConfig({ ...request.model, ...vocabulary }, changes));
  const objective = createRunCaptions(model, settings);
  const source = openCaptionSource({
    ...{ train: await readCaptions(request.data), tokenizer, tokenizerFile, objective, settings, ...index },
    validation: request.validation === undefined ? [] : await readCaptions(request.validation),
    imageSize: model.image!.size,
  });
  const run = openRun(request.run);
  const initial = request.initFrom === undefined ? undefined : await openInitialWeights(request.initFrom);
  const begun = describe(settings, model, { data: source.digest, initial: initial?.sha256 });
  await keepDescription(run, begun);
  return train({ executor, model, settings, source, objective, run, initial, ...watched });
}

function createRunCaptions(model: LanguageModel, settings: RunSettings): Captions {
  const { image, specialTokens, endOfText, type, maxLength } = model;
  const token = specialTokens?.image;
  if (image === undefined || token === undefined)
    throw new DataError('cannot-see', `a ${type} reads no images`, 'give sizes of model_type llava');
  const { sequenceLength, batchRamp, lengthRamp } = settings;
  if (batchRamp !== undefined || lengthRamp !== undefined)
    throw wrong('batchRamp and lengthRamp are not for images', 'leave them out');
  if (sequenceLength > maxLength)
    throw wrong(
      `sequenceLength ${sequenceLength} is longer than the model's ${maxLength} positions`,
      'lower --set sequenceLength or raise --set nPositions',
    );
  if (sequenceLength <= image.tokens)
    throw wrong(
      `sequenceLength ${sequenceLength} has no room for a text after the ${image.tokens} positions of an image`,
      'raise --set sequenceLength or patchSize',
    );
  return createCaptions({ image, sequenceLength, tokens: { image: token, endOfText } });
}

const ends = ['<|endoftext|>', '</s>', '[SEP]'];

function findEndOfText(
  { tokenId }: { tokenId(spelling: string): number | undefined },
  where: string,
): number {
  const found = ends.map(tokenId).find((id) => id !== undefined);
  if (found !== undefined) return found;
  throw new DataError(
    'end-of-text-missing',
    `${where} has no token that ends a text`,
    `give a tokenizer with one of ${ends.join(', ')}`,
  );
}

const describe = (settings: RunSettings, model: LanguageModel, rest: Record<string, unknown>) => {
  const kept = Object.entries(settings).filter(([name]) => name !== 'steps' && !freeSettings.includes(name));
  return { settings: Object.fromEntries(kept), model: model.toJson(), ...rest };
};

/** @throws DataError `run-differs` */
async function keepDescription(run: TrainOptions['run'], asked: Record<string, unknown>): Promise<void> {
  const path = 'run-images.json';
  const begun = await readJson<Record<string, unknown>>(run, path);
  const text = `${JSON.stringify(asked, undefined, 2)}\n`;
  if (begun === undefined) return run.replace(path, text).then(() => {});
  const plain = JSON.parse(text) as Record<string, unknown>;
  const differs = Object.keys(plain).find((name) => digest(begun[name]) !== digest(plain[name]));
  if (differs === undefined) return;
  throw new DataError(
    'run-differs',
    `this run was begun with another ${differs}`,
    `give what ${path} names, or another --run folder; steps may grow`,
  );
}

const digest = (value: unknown) => hashJson((value ?? null) as Json);

const wrong = (message: string, hint: string) => new DataError('wrong-setting', message, hint);
