// Model directories of small untrained models with a tokenizer of their own, for tests of what models are used for.
import { createRandom } from '@gristmill/core';
import { createModel, initialise, writeModel, type ModelConfig } from '@gristmill/models';
import { createWordCounter, loadTokenizer, trainTokenizer } from '@gristmill/tokenizer';
import { makeFolder } from './shards.ts';

const words = 'miller grinds grist corn rye wheel turns stream – façade 東京 🙂 the a of in'.split(' ');
const random = createRandom(4);

export const writeWords = (count: number): string =>
  Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ');

const type = { gpt2: 'bpe', bert: 'wordpiece' } as const;
const endOf = { gpt2: '<|endoftext|>', bert: '[SEP]' } as const;

const common = { nLayer: 2, nHead: 2, nEmbd: 16, dropout: 0.1, initializerRange: 0.3 };

/** @param config sizes beside two layers, 16 wide, 48 positions */
export async function makeModel(
  modelType: 'gpt2' | 'bert',
  sizes: Record<string, unknown> = {},
): Promise<{ directory: string; config: ModelConfig; tokenizer: Uint8Array }> {
  const counter = createWordCounter({ type: type[modelType] });
  for (let i = 0; i < 30; i++) counter.addText(writeWords(40));
  const json = trainTokenizer(counter.words(), { type: type[modelType], vocabSize: 300 });
  const tokenizer = new TextEncoder().encode(JSON.stringify(json));
  const { vocabSize, tokenId } = loadTokenizer(tokenizer);
  const config = {
    ...{ modelType, vocabSize, nPositions: 48, layerNormEpsilon: 1e-5, ...common },
    ...{ eosTokenId: tokenId(endOf[modelType]) as number, ...sizes },
  } as ModelConfig;
  const model = createModel(config);
  const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 1)]));
  const directory = makeFolder('model');
  await writeModel(directory, { model, tokenizer }, weights);
  return { directory, config, tokenizer };
}
