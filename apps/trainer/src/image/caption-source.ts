// Images and what is said of them as samples of a run: JSON lines {image, text}, an image's path counted from the file's
// folder. Which lines a step sees is a function of the seed and the step, so a run resumes at any step exactly: each epoch
// shuffles all lines anew.

import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createRandom, DataError, readLines, sha256, shuffle } from '@gristmill/core';
import type { Caption, Captions } from '@gristmill/models';
import type { SampleSource } from '../sample-source.ts';
import type { RunSettings } from '../setting-schema.ts';
import type { TextTokenizer } from '../text-tokenizer.ts';
import { toPixels } from './pixels.ts';
import { readImage } from './read-image.ts';

export interface CaptionLine {
  readonly image: string;
  readonly text: string;
}

/** @throws DataError `not-json-lines`, `nothing-to-train-on`, and the system's for a file that cannot be opened */
export async function readCaptions(file: string): Promise<CaptionLine[]> {
  const lines: CaptionLine[] = [];
  let number = 0;
  for await (const line of readLines(createReadStream(file) as AsyncIterable<Uint8Array>)) {
    number++;
    if (line.trim() !== '') lines.push(readLine(line, number, dirname(file)));
  }
  if (lines.length > 0) return lines;
  throw new DataError(
    'nothing-to-train-on',
    `${file} is empty`,
    'write lines {"image":"cat.png","text":"a cat"}',
  );
}

function readLine(line: string, number: number, folder: string): CaptionLine {
  try {
    const { image, text } = JSON.parse(line) as Record<string, unknown>;
    if (typeof image === 'string' && typeof text === 'string') return { image: resolve(folder, image), text };
  } catch {
    // falls through to the same error
  }
  throw new DataError(
    'not-json-lines',
    `line ${number} is no JSON object with an image and a text`,
    'give JSON lines, for example {"image":"cat.png","text":"a cat"}',
  );
}

export interface CaptionSourceOptions {
  readonly train: readonly CaptionLine[];
  readonly validation?: readonly CaptionLine[];
  readonly tokenizer: TextTokenizer;
  /** The bytes of tokenizer.json. */
  readonly tokenizerFile: Uint8Array;
  readonly vocabSize: number;
  readonly endOfText: number;
  /** Pixels a side. */
  readonly imageSize: number;
  readonly objective: Captions;
  readonly settings: Pick<
    RunSettings,
    'microBatchSize' | 'gradAccumSteps' | 'seed' | 'steps' | 'sequenceLength'
  >;
}

export function openCaptionSource(options: CaptionSourceOptions): SampleSource {
  const { train, validation = [], tokenizer, objective, settings, vocabSize, endOfText } = options;
  const { microBatchSize, gradAccumSteps, seed, steps, sequenceLength } = settings;
  const rows = microBatchSize * gradAccumSteps;
  const orderOf = createOrder(train.length, seed);
  const load = async ({ image, text }: CaptionLine): Promise<Caption> => ({
    pixels: toPixels(await readImage(image), options.imageSize),
    text: tokenizer.encode(text),
  });
  const linesOf = (step: number) =>
    Array.from({ length: rows }, (_, row) => train[orderOf((step - 1) * rows + row)]);
  const describeDocuments = (step: number) =>
    Promise.resolve(
      [...new Set(linesOf(step).map(({ image }) => image))].map((id) => ({ id, source: 'images' })),
    );
  return {
    vocabSize,
    endOfText,
    digest: sha256(JSON.stringify([train, validation])),
    trainTokens: train.length * sequenceLength,
    validationTokens: validation.length * sequenceLength,
    tokenizer: options.tokenizerFile,
    forecast: [
      {
        name: 'images',
        rows: steps * rows,
        tokens: steps * rows * sequenceLength,
        epochs: (steps * rows) / train.length,
      },
    ] as SampleSource['forecast'],
    sampleCounts: {} as SampleSource['sampleCounts'],
    damage: new Map(),
    batch: async (step) => objective.build(await Promise.all(linesOf(step).map(load))),
    documents: async (step) => (await describeDocuments(step)).map(({ id }) => id),
    describeDocuments,
    async *validation() {
      for (const line of validation) yield objective.build([await load(line)]);
    },
    close: () => Promise.resolve(),
  };
}

/** Which line the n-th sample is: epoch after epoch, each a permutation of its own. */
function createOrder(count: number, seed: number): (sample: number) => number {
  let held = { epoch: -1, order: new Array<number>() };
  return (sample) => {
    const epoch = Math.floor(sample / count);
    if (epoch !== held.epoch) {
      const random = createRandom(Math.imul(seed + 1, 0x9e3779b1) + epoch);
      held = {
        epoch,
        order: shuffle(
          Array.from({ length: count }, (_, i) => i),
          random,
        ),
      };
    }
    return held.order[sample % count];
  };
}
