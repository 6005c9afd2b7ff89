// Other families than GPT-2 are trained from a config.json as presets are.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '@gristmill/trainer';
import { trainHere } from './run-here.ts';
import { writeShards } from './shards.ts';

const wide = { hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 32 };
test.each([
  ['llama', { ...wide, bos_token_id: 5, eos_token_id: [6, 7] }],
  ['bloom', { hidden_size: 16, n_layer: 2, n_head: 2 }],
  ['nanochat', wide],
])('a %s is trained from a file, with the tokens of the shards', async (model_type, sizes) => {
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-family-'));
  const shards = await writeShards();
  const [run, model] = [join(folder, 'run'), join(folder, 'config.json')];
  writeFileSync(model, JSON.stringify({ model_type, max_position_embeddings: 32, ...sizes }));
  const set = ['steps=2', 'sequenceLength=16', 'microBatchSize=2', 'warmupSteps=1', 'evalInterval=0'];
  await trainHere({ shards, model, run, set, repin: false });
  const loaded = await loadModel(run);
  expect(loaded.model.type).toBe(model_type);
  expect(loaded.model.startOfText).toBe(loaded.model.endOfText);
  expect(loaded.model.toJson()).toMatchObject({ bos_token_id: 0, eos_token_id: 0 });
  await loaded.close();
});
