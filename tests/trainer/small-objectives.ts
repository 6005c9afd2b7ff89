// Small runs of every kind of model, by their objectives.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Request } from './run-here.ts';
import { makeFolder, writeShards } from './shards.ts';

export const configs: Readonly<Record<string, Record<string, unknown>>> = {
  bert: {
    ...{ model_type: 'bert', hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2 },
    ...{ intermediate_size: 32, max_position_embeddings: 32 },
  },
  roberta: {
    ...{ model_type: 'roberta', hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2 },
    ...{ intermediate_size: 32, max_position_embeddings: 512 },
  },
  bare: { model_type: 'bert', architectures: ['BertModel'], hidden_size: 16, num_attention_heads: 2 },
  t5: { model_type: 't5', d_model: 16, d_kv: 8, d_ff: 32, num_layers: 1, num_heads: 2 },
  marian: {
    ...{ model_type: 'marian', d_model: 16, encoder_layers: 1, decoder_layers: 1, init_std: 0.1 },
    ...{ encoder_attention_heads: 2, decoder_attention_heads: 2, encoder_ffn_dim: 32, decoder_ffn_dim: 32 },
  },
  gpt2: { model_type: 'gpt2', n_embd: 16, n_layer: 1, n_head: 2, n_positions: 32 },
};
const folder = makeFolder('objectives');
for (const [name, json] of Object.entries(configs))
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(json));

export const shards = await writeShards(3, 40);
const common = {
  ...{ sequenceLength: 32, microBatchSize: 2, gradAccumSteps: 2, steps: 4, warmupSteps: 1 },
  ...{ evalInterval: 2, evalTokens: 200, checkpointInterval: 2, learningRate: 1e-3 },
  minLearningRate: 1e-3, // so that a step does not depend on how many there are
};
export const request = (
  model: string,
  settings: Record<string, unknown>,
  changes: Partial<Request> = {},
): Request => ({
  shards,
  model: join(folder, `${model}.json`),
  run: join(makeFolder('objective'), 'run'),
  set: Object.entries({ ...common, ...settings }).map(([name, value]) => `${name}=${String(value)}`),
  repin: false,
  ...changes,
});
