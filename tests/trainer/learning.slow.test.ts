// What encoders and encoder-decoders learn by the trainer itself: the Transformer reverses texts exactly, BERT fills gaps.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom, documentId } from '@gristmill/core';
import { writeTokenShards, type NewDocument } from '@gristmill/shards';
import { generateTokens, loadModel } from '@gristmill/trainer';
import { trainHere } from './run-here.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'gristmill-learning-'));

async function trainOn(
  documents: readonly Pick<NewDocument, 'tokens' | 'lossMask'>[],
  vocabSize: number,
  config: Record<string, unknown>,
  settings: Record<string, string | number>,
): Promise<string> {
  const [shards, run] = [folder(), folder()];
  const list = documents.map((document, i) => ({
    ...document,
    id: documentId({ name: 'test', path: `${i}` }),
    split: 'train',
    source: 'test',
  }));
  await writeTokenShards(shards, list, { vocabSize, endOfText: 0 });
  const model = join(run, 'given.json');
  writeFileSync(model, JSON.stringify(config));
  const set = Object.entries({ checkpointInterval: 0, evalInterval: 0, ...settings }).map(
    ([name, value]) => `${name}=${value}`,
  );
  await trainHere({ shards, model, run, set, repin: false });
  return run;
}

test('an encoder-decoder learns to reverse, exactly', async () => {
  const random = createRandom(5);
  const drawText = () =>
    Array.from({ length: 3 + Math.floor(random() * 6) }, () => 1 + Math.floor(random() * 9));
  const documents = Array.from({ length: 4000 }, () => {
    const text = drawText();
    const tokens = [...text, ...text.toReversed()];
    return { tokens, lossMask: Uint8Array.from(tokens, (_, i) => (i < text.length ? 0 : 1)) };
  });
  const run = await trainOn(
    documents,
    10,
    {
      ...{ model_type: 'marian', d_model: 48, encoder_layers: 2, decoder_layers: 2, dropout: 0 },
      ...{ encoder_attention_heads: 4, decoder_attention_heads: 4, activation_function: 'relu' },
      ...{ encoder_ffn_dim: 96, decoder_ffn_dim: 96, max_position_embeddings: 64, init_std: 0.1 },
    },
    {
      ...{ objective: 'pairs', sequenceLength: 48, microBatchSize: 16, steps: 500, warmupSteps: 50 },
      ...{ learningRate: 3e-3, minLearningRate: 1e-4, weightDecay: 0 },
    },
  );
  const loaded = await loadModel(run);
  expect(loaded.model.vocabSize).toBe(11); // the padding is past the shards' tokens
  const options = { temperature: 0, topK: 0, topP: 1, seed: 1, maxTokens: 12 };
  const wrong: string[] = [];
  for (let n = 0; n < 100; n++) {
    const text = drawText();
    const written: number[] = [];
    for await (const token of generateTokens(loaded, text, options)) written.push(token);
    if (written.join() !== text.toReversed().join()) wrong.push(`${text.join()} → ${written.join()}`);
  }
  await loaded.close();
  expect(wrong).toEqual([]);
});

const names = 30;
const cities = 12;

/** "NAME lives in CITY in COUNTRY and NAME speaks LANGUAGE": all is told by the name, some by other words. */
function writeSentence(name: number): number[] {
  const city = (name * 7 + 3) % cities;
  const country = city % 4;
  const [live, inside, and, speak] = [1, 2, 3, 4];
  const first = 5;
  return [
    ...[first + name, live, inside, first + names + city, inside, first + names + cities + country],
    ...[and, first + name, speak, first + names + cities + 4 + country],
  ];
}

test('BERT fills more than 95 % of the gaps of a thousand sentences', async () => {
  const random = createRandom(6);
  const sentences = Array.from({ length: 1000 }, () => writeSentence(Math.floor(random() * names)));
  const vocabSize = 5 + names + cities + 8;
  const run = await trainOn(
    sentences.map((tokens) => ({ tokens })),
    vocabSize,
    {
      ...{ model_type: 'bert', hidden_size: 48, num_hidden_layers: 2, num_attention_heads: 4 },
      ...{ intermediate_size: 96, max_position_embeddings: 24, hidden_dropout_prob: 0 },
      ...{ attention_probs_dropout_prob: 0, initializer_range: 0.05 },
    },
    {
      ...{ sequenceLength: 24, documentMask: 'true', packing: 'best-fit', microBatchSize: 32, steps: 900 },
      ...{
        warmupSteps: 50,
        learningRate: 3e-3,
        minLearningRate: 1e-4,
        weightDecay: 0.01,
        maskProbability: 0.25,
      },
    },
  );
  const { model, scorer, close } = await loadModel(run);
  const { mask, classify, separate } = model.specialTokens as Record<string, number>;
  let [right, gaps] = [0, 0];
  for (let name = 0; name < names; name++) {
    const sentence = writeSentence(name);
    const whole = Int32Array.from([classify, ...sentence, 0, separate]);
    const windows = [1, 4, 6, 8, 10].map((at) => ({
      tokens: whole.with(at, mask),
      targets: new Int32Array(whole.length).fill(-1).with(at, whole[at]),
    }));
    for (const [i, { likeliest }] of (await scorer.rank(windows)).entries()) {
      const at = windows[i].targets.findIndex((target) => target >= 0);
      right += likeliest[at] === whole[at] ? 1 : 0;
      gaps++;
    }
  }
  await close();
  expect(right / gaps).toBeGreaterThan(0.95);
});
