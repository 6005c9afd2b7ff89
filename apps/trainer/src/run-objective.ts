// Which objective a run has, by its settings and the kind of its model.

import { DataError } from '@gristmill/core';
import {
  createMasked,
  createNextToken,
  createPairs,
  createPrefix,
  createSpans,
  createSplitPrefix,
  spanCorruptionLengths,
  type LanguageModel,
  type ModelKind,
  type Objective,
  type SpecialTokens,
} from '@gristmill/models';
import type { TokenIndex } from '@gristmill/shards';
import type { RunSettings } from './setting-schema.ts';
import { shortestLength } from './step-size.ts';

type Name = Exclude<RunSettings['objective'], 'auto'>;

const fitting: Readonly<Record<ModelKind, readonly [Name, ...Name[]]>> = {
  decoder: ['next-token', 'prefix'],
  encoder: ['masked'],
  'encoder-decoder': ['spans', 'pairs', 'prefix'],
};

type Create = (model: LanguageModel, settings: RunSettings) => Objective;

const create: Readonly<Record<Name, Create>> = {
  'next-token': (_, { sequenceLength, documentMask }) => createNextToken({ sequenceLength, documentMask }),
  masked: createRunMasked,
  spans: createRunSpans,
  pairs: (model, { sequenceLength, targetLength }) =>
    createPairs({
      sequenceLength,
      targetLength: targetLength || sequenceLength,
      tokens: tokensOf(model, ['pad', 'decoderStart']),
    }),
  prefix: (model, { sequenceLength, seed, documentMask }) =>
    model.kind === 'encoder-decoder'
      ? createSplitPrefix({ sequenceLength, seed, tokens: tokensOf(model, ['pad', 'decoderStart']) })
      : createPrefix({ sequenceLength, seed, documentMask }),
};

/**
 * @param index of the shards, where they are known
 * @throws DataError `wrong-setting` where objective, model and shards do not go together
 */
export function createRunObjective(
  settings: RunSettings,
  model: LanguageModel,
  index?: Pick<TokenIndex, 'hasLossMasks'>,
): Objective {
  const { kind = 'decoder' } = model;
  const name = settings.objective === 'auto' ? fitting[kind][0] : settings.objective;
  if (!fitting[kind].includes(name))
    throw wrong(
      `a ${model.type} is ${kind === 'decoder' ? 'a' : 'an'} ${kind}, which objective ${name} does not train`,
      `give --set objective=${fitting[kind].join(' or ')}, or another --model`,
    );
  if (model.isBare)
    throw wrong(
      `this ${model.type} has hidden states alone and no head that predicts tokens`,
      'begin with a model that has one, such as BertForMaskedLM',
    );
  if (settings.nextSentence && name !== 'masked')
    throw wrong('nextSentence is no setting of objective ' + name, 'leave it out, or train a bert');
  if (name === 'pairs' && index && !index.hasLossMasks)
    throw wrong(
      'objective pairs needs documents whose source and target are told apart, and these shards have no loss masks',
      'pack conversations of a prompt and an answer',
    );
  return create[name](model, settings);
}

/** Whether it is trained as a prefix language model, whose prompts see themselves whole. */
export const seesPrompt = (
  { kind = 'decoder' }: LanguageModel,
  objective: Pick<Objective, 'name'> | undefined,
): boolean => kind === 'decoder' && objective?.name === 'prefix';

function createRunMasked(model: LanguageModel, settings: RunSettings): Objective {
  const { sequenceLength, nextSentence, documentMask, maskProbability: probability, seed } = settings;
  if (nextSentence && !model.judgesSentences)
    throw wrong(
      `this ${model.type} has no head that tells whether a sentence follows another`,
      'leave out nextSentence',
    );
  if (nextSentence && documentMask)
    throw wrong(
      'nextSentence and documentMask exclude each other: the parts of a row must see each other',
      'choose one',
    );
  const shortest = shortestLength(settings);
  checkLength(shortest, 8);
  const odd = Object.values(settings.lengthRamp ?? {}).find((length) => Number(length) % shortest !== 0);
  if (odd !== undefined)
    throw wrong(
      `lengthRamp cannot have ${String(odd)} beside ${shortest}`,
      'with objective masked the shortest length divides all others',
    );
  const tokens = tokensOf(model, ['mask', 'classify', 'separate', 'pad']);
  const { vocabSize } = model;
  const lengths = { sequenceLength, shortestLength: shortest };
  return createMasked({ ...lengths, vocabSize, seed, tokens, probability, nextSentence, documentMask });
}

function createRunSpans(model: LanguageModel, settings: RunSettings): Objective {
  const { sequenceLength, noiseDensity: density, noiseLength: meanLength, documentMask, seed } = settings;
  checkLength(sequenceLength, 8);
  const tokens = tokensOf(model, ['pad', 'decoderStart', 'firstSentinel']);
  const lengths = spanCorruptionLengths(sequenceLength, { density, meanLength });
  const spans = (lengths.inputs + lengths.targets - lengths.tokens - 2) / 2;
  if (spans > sentinels)
    throw wrong(
      `a row of ${sequenceLength} tokens has ${spans} spans left out, more than the ${sentinels} tokens that stand for them`,
      'lower --set sequenceLength or noiseDensity, or raise noiseLength',
    );
  return createSpans({ sequenceLength, seed, tokens, density, meanLength, documentMask });
}

/** How many a vocabulary has, T5's as well. */
const sentinels = 100;

function checkLength(sequenceLength: number, least: number): void {
  if (sequenceLength < least)
    throw wrong(`a row of ${sequenceLength} tokens is too short for this objective`, `take ${least} or more`);
}

/** @throws DataError `wrong-setting` where the model's configuration names none of them */
function tokensOf<Names extends keyof SpecialTokens>(
  { specialTokens = {}, endOfText, type }: LanguageModel,
  names: readonly Names[],
): Record<Names, number> & { readonly endOfText: number } {
  const missing = names.find((name) => specialTokens[name] === undefined);
  if (missing !== undefined)
    throw wrong(
      `the configuration of this ${type} does not say which token is ${missing}`,
      'train it on shards with its own tokenizer.json',
    );
  return { ...(specialTokens as Record<Names, number>), endOfText };
}

const wrong = (message: string, hint: string) => new DataError('wrong-setting', message, hint);
