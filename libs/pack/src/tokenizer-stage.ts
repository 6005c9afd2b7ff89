// The stage `tokenizer`: learns a vocabulary (byte-level BPE, WordPiece or Unigram) from the training split when nothing
// is pinned. Threads count words; counts add up in any order, so the result does not depend on their number.

import { DataError, type JsonObject } from '@gristmill/core';
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

export type TokenizerOptions = JsonObject & {
  /** Default bpe: byte-level. */
  readonly type?: TokenizerType;
  readonly vocabSize: number;
  /** Pairs seen less often are not merged. Default 2. */
  readonly minFrequency?: number;
  /** Of wordpiece: case and accents are dropped. Default false. */
  readonly lowercase?: boolean;
  /** Default `['<|endoftext|>']`, BERT’s or T5’s. */
  readonly special?: readonly string[];
  /** As in pack: what the tokenizer never sees it does not learn. Default true. */
  readonly maskPersonalData?: boolean;
  /** Trains on a part of the text: bytes, seed, weights of sources and languages. Default: all of it. */
  readonly sample?: JsonObject & SampleOptions;
};

export const tokenizerStage: TrainingStage<TokenizerOptions> = {
  name: 'tokenizer',
  version: 2,
  artefact: 'tokenizer',
  check(options) {
    const names = [
      ...['type', 'lowercase', 'vocabSize', 'minFrequency'],
      ...['special', 'maskPersonalData', 'sample'],
    ];
    const unknown = Object.keys(options).find((name) => !names.includes(name));
    if (options.type !== undefined && !tokenizerTypes.includes(options.type)) {
      throw new DataError(
        'tokenizer-option',
        `there is no tokenizer of type ${options.type}`,
        `its types are ${tokenizerTypes.join(', ')}`,
      );
    }
    if (unknown !== undefined || !Number.isInteger(options.vocabSize)) {
      throw new DataError(
        'tokenizer-option',
        unknown === undefined
          ? 'the tokenizer needs vocabSize, an integer'
          : `the tokenizer has no option ${unknown}`,
        `its options are ${names.join(', ')}`,
      );
    }
    if (options.sample !== undefined) checkSample(options.sample);
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

const sampleNames = ['bytes', 'seed', 'sources', 'languages'];

function checkSample(sample: JsonObject & SampleOptions): void {
  const unknown = Object.keys(sample).find((name) => !sampleNames.includes(name));
  if (unknown === undefined) createSample(sample);
  else
    throw new DataError(
      'tokenizer-option',
      `the sample of the tokenizer has no option ${unknown}`,
      `its options are ${sampleNames.join(', ')}`,
    );
}

/** A walk over the documents before the one that counts. */
async function planSample(
  { input, options }: TrainingTask<TokenizerOptions>,
  isMasked: boolean,
): Promise<SamplePlan | undefined> {
  if (options.sample === undefined) return undefined;
  const sample = createSample(options.sample);
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
