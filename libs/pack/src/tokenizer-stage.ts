// The stage `tokenizer`: learns a vocabulary (byte-level BPE, WordPiece or Unigram) from the training split when nothing
// is pinned. Threads count words; counts add up in any order, so the result does not depend on their number.

import { checkOptions, type OptionSchema, type OptionsOf } from '@gristmill/core';
import type { TrainingStage, TrainingTask } from '@gristmill/corpus';
import {
  createSample,
  createWordCounter,
  tokenizerTypes,
  trainTokenizer,
  type CountedWords,
  type SampleOptions,
  type SamplePlan,
  type TokenizerType,
} from '@gristmill/tokenizer';
import { packStrings, unpackStrings, type JobFactory, type StringBatch } from '@gristmill/workers';
import { keptTexts, textInputs } from './kept-texts.ts';

export const tokenizerOptions = {
  vocabSize: {
    type: 'integer',
    required: true,
    least: 1,
    description: 'Tokens of the vocabulary: 4096 for a few megabytes, 32768 to 65536 for gigabytes.',
  },
  type: {
    type: 'string',
    values: tokenizerTypes,
    default: 'bpe',
    description: "Byte-level BPE (GPT-2's kind), WordPiece (BERT's) or Unigram (T5's).",
  },
  minFrequency: {
    type: 'integer',
    otherwise: '2',
    least: 0,
    description: 'Pairs seen less often are not merged.',
  },
  lowercase: { type: 'boolean', default: false, description: 'Of wordpiece: case and accents are dropped.' },
  special: { type: 'list', otherwise: "<|endoftext|>, or BERT's or T5's", description: 'Special tokens.' },
  maskPersonalData: {
    type: 'boolean',
    default: true,
    description: 'As in pack: what the tokenizer never sees it does not learn.',
  },
  sample: {
    type: 'object',
    otherwise: 'all of the text',
    description: 'Trains on a part of the text.',
    members: {
      bytes: {
        type: 'number',
        otherwise: 'as much as the weights allow',
        description: 'Of text in UTF-8, at most.',
      },
      seed: { type: 'number', default: 0, description: 'Of the choice of documents.' },
      sources: {
        type: 'object',
        description:
          'Source → weight of its bytes, relative to the others; 1 where it is not named, 0 leaves it out.',
      },
      languages: {
        type: 'object',
        description: 'The same of languages, inside each source. `und` = unknown.',
      },
    },
  },
} as const satisfies OptionSchema;

/** Code of the errors of options. */
const owner = { name: 'the tokenizer', code: 'tokenizer-option' };

export type TokenizerOptions = OptionsOf<typeof tokenizerOptions> & { readonly vocabSize: number };

export const tokenizerStage: TrainingStage<TokenizerOptions> = {
  name: 'tokenizer',
  version: 2,
  artefact: 'tokenizer',
  description: 'Learns a vocabulary from the training split and pins it in the lock.',
  options: tokenizerOptions,
  check(options) {
    checkOptions(tokenizerOptions, options, owner);
    if (options.sample !== undefined) createSample(options.sample as SampleOptions);
  },
  inputs: () => textInputs('all'),
  train: trainOnSplit,
};

async function trainOnSplit(task: TrainingTask<TokenizerOptions>): Promise<Uint8Array> {
  const { type = 'bpe', lowercase, vocabSize, minFrequency, special, maskPersonalData = true } = task.options;
  const job = {
    module: import.meta.url,
    export: 'countJob',
    options: { type, lowercase: lowercase === true },
  };
  const total = createWordCounter(job.options);
  const plan = await planSample(task, maskPersonalData);
  const batches = textBatches(task, { isMasked: maskPersonalData, plan });
  for await (const words of task.pool.map<StringBatch, CountedWords>(job, batches)) total.addWords(words);
  const json = trainTokenizer(total.words(), { type, lowercase, vocabSize, minFrequency, special });
  return new TextEncoder().encode(`${JSON.stringify(json)}\n`);
}

/** A walk over the documents before the one that counts. */
async function planSample(
  { input, options }: TrainingTask<TokenizerOptions>,
  isMasked: boolean,
): Promise<SamplePlan | undefined> {
  if (options.sample === undefined) return undefined;
  const sample = createSample(options.sample as SampleOptions);
  for await (const documents of keptTexts({ input }, { split: 'train', isMasked })) {
    for (const document of documents) sample.note(document, Buffer.byteLength(document.text));
  }
  return sample.plan();
}

/** Batches of about a megabyte of text. */
async function* textBatches(
  task: TrainingTask<TokenizerOptions>,
  { isMasked, plan }: { isMasked: boolean; plan: SamplePlan | undefined },
): AsyncGenerator<StringBatch> {
  let held: string[] = [];
  let size = 0;
  for await (const documents of keptTexts(task, { split: 'train', isMasked })) {
    await task.progress(documents.length);
    for (const document of documents) {
      if (plan?.takes(document) === false) continue;
      const { text } = document;
      held.push(text);
      size += text.length;
      if (size < 1 << 20) continue;
      yield packStrings(held);
      [held, size] = [[], 0];
    }
  }
  if (held.length > 0) yield packStrings(held);
}

/** Runs in a thread. */
export const countJob: JobFactory<StringBatch, CountedWords> = (options) => {
  const counter = createWordCounter(options as { type: TokenizerType; lowercase: boolean });
  return (texts) => {
    counter.clear();
    for (const text of unpackStrings(texts)) counter.addText(text);
    return counter.words().slice();
  };
};
