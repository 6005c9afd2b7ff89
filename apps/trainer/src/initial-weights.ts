// Weights that a run begins with instead of random ones: any model directory, of our own or of others.

import { createHash } from 'node:crypto';
import { openModel, type LanguageModel, type NamedTensor } from '@gristmill/models';
import { findModelDirectory } from './loaded-model.ts';

export interface InitialWeights {
  readonly directory: string;
  readonly model: LanguageModel;
  /** The bytes of its tokenizer.json, where it has one. */
  readonly tokenizer?: Uint8Array;
  /** Over names and values of all parameters. */
  readonly sha256: string;
  values(): AsyncGenerator<NamedTensor>;
}

/** @param directory a model directory, or the folder of a run */
export async function openInitialWeights(directory: string): Promise<InitialWeights> {
  const found = findModelDirectory(directory);
  const { model, tokenizer, weights } = await openModel(found);
  const hash = createHash('sha256');
  for await (const { name, data } of weights())
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { directory: found, model, tokenizer, sha256: hash.digest('hex'), values: weights };
}
