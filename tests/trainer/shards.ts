// A folder of shards for the trainer's tests: characters of a text that repeats with variation, so that a small model
// learns something in a few steps.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, documentId } from '@gristmill/core';
import { changeModelConfig, createModel, presets, type LanguageModel } from '@gristmill/models';
import { writeTokenShards } from '@gristmill/shards';

export const vocabSize = 28; // end of text, a space, 26 letters

export function makeFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `gristmill-trainer-${name}-`));
}

const words = 'the miller grinds a grist of corn and rye while the wheel turns in the stream'.split(' ');

/** Tokens of a sentence of `count` words. */
export function writeSentence(count: number, random: () => number): number[] {
  const chosen = Array.from({ length: count }, () => words[Math.floor(random() * words.length)]);
  return [...chosen.join(' ')].map((letter) => (letter === ' ' ? 1 : letter.charCodeAt(0) - 95));
}

/** Writes train and validation shards; the same seed gives the same folder. */
export async function writeShards(seed = 1, documents = 200): Promise<string> {
  const folder = makeFolder('shards');
  const random = createRandom(seed);
  const list = Array.from({ length: documents }, (_, i) => ({
    id: documentId({ name: 'test', path: `${seed}/${i}` }),
    split: i % 10 === 0 ? 'validation' : 'train',
    source: 'test',
    tokens: writeSentence(5 + Math.floor(random() * 30), random),
  }));
  await writeTokenShards(folder, list, { vocabSize, endOfText: 0 });
  return folder;
}

/** Settings of a run that takes about a second. */
export const small = {
  nPositions: 32,
  nLayer: 2,
  nHead: 2,
  nEmbd: 32,
  dropout: 0.1,
  initializerRange: 0.02,
  sequenceLength: 32,
  microBatchSize: 4,
  gradAccumSteps: 2,
  steps: 40,
  warmupSteps: 5,
  learningRate: 5e-3,
  minLearningRate: 5e-4,
  evalInterval: 20,
  evalTokens: 1000,
  checkpointInterval: 10,
};

/** A model for these shards, with the fields of `changes`. */
export function modelOf(changes: Readonly<Record<string, number>>): LanguageModel {
  const config = { ...presets['nanogpt-char-cpu'].model, vocabSize, eosTokenId: 0 };
  return createModel(changeModelConfig(config, changes));
}
