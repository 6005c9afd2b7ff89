// What evaluate asks of encoders and encoder-decoders: each token once, spans that are left out, a text from its context.
import { expect, test } from 'vitest';
import { createRandom, documentId } from '@gristmill/core';
import { createModel, initialise, readModelConfig } from '@gristmill/models';
import { writeTokenShards } from '@gristmill/shards';
import { openCpuExecutor } from '@gristmill/tensor';
import {
  createScorer,
  evaluateItems,
  evaluateShards,
  openTextTokenizer,
  summarise,
  type LoadedModel,
} from '@gristmill/trainer';
import { askOf } from '../../apps/trainer/src/asked-windows.ts';
import { scoreText } from '../../apps/trainer/src/score-text.ts';
import { createWordCounter, trainTokenizer } from '@gristmill/tokenizer';
import { makeFolder } from './shards.ts';

const text = 'the miller grinds a grist of corn and rye while the wheel turns in the stream';
const counter = createWordCounter({ type: 'bpe' });
counter.addText(text);
const file = new TextEncoder().encode(
  JSON.stringify(trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 270 })),
);
const codec = await openTextTokenizer(file, 'here');
const vocabSize = codec.vocabSize;
const endOfText = codec.tokenId('<|endoftext|>')!;

const executor = openCpuExecutor({ threads: 1 });
async function load(json: Record<string, unknown>): Promise<LoadedModel> {
  const model = createModel(readModelConfig({ vocab_size: vocabSize + 102, ...json }, 'a small model'));
  const parameters = Object.fromEntries(
    await Promise.all(
      model
        .parameters()
        .map(async (spec, i) => [
          spec.name,
          await executor.upload({ shape: spec.shape, dtype: 'f32' }, initialise(spec, i, 1)),
        ]),
    ),
  ) as LoadedModel['parameters'];
  const scorer = createScorer({ executor, model, parameters: () => parameters });
  const unused = () => Promise.reject(new Error('not here'));
  return { model, executor, parameters, scorer, nextLogits: unused, close: () => executor.close() };
}

const common = { pad_token_id: vocabSize, eos_token_id: endOfText };
const [bert, t5, marian] = await Promise.all([
  load({
    ...{ model_type: 'bert', hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, ...common },
    ...{ intermediate_size: 32, max_position_embeddings: 40, initializer_range: 0.5 },
    ...{ mask_token_id: vocabSize + 1, cls_token_id: vocabSize + 2, sep_token_id: vocabSize + 3 },
  }),
  load({
    ...{ model_type: 't5', d_model: 16, d_kv: 8, d_ff: 32, num_layers: 1, num_heads: 2, ...common },
    ...{ first_sentinel_token_id: vocabSize + 101, decoder_start_token_id: vocabSize },
  }),
  load({
    ...{ model_type: 'marian', d_model: 16, encoder_layers: 1, decoder_layers: 1, init_std: 0.3, ...common },
    ...{ encoder_attention_heads: 2, decoder_attention_heads: 2, encoder_ffn_dim: 32, decoder_ffn_dim: 32 },
  }),
]);

async function measure(model: LoadedModel, ...items: { text: string; context?: string }[]) {
  async function* list() {
    for (const [i, item] of items.entries()) yield await Promise.resolve({ id: String(i), ...item });
  }
  const all = [];
  for await (const one of evaluateItems(model, codec, list())) all.push(one);
  return all;
}

test('an encoder is asked each token once, beside a seventh of the others, and shown all else', () => {
  const random = createRandom(3);
  const tokens = Array.from({ length: 100 }, () => 1 + Math.floor(random() * 250));
  const { windows } = askOf(bert.model, codec, { tokens });
  const pieces = [tokens.slice(0, 38), tokens.slice(38, 76), tokens.slice(76)];
  expect(windows).toHaveLength(21);
  const asked = pieces.map((piece) => new Array<number>(piece.length).fill(0));
  windows.forEach((window, n) => {
    const piece = pieces[Math.floor(n / 7)];
    const hidden = [...window.targets.keys()].filter((at) => window.targets[at] >= 0);
    expect(hidden.length / piece.length).toBeLessThanOrEqual(1 / 7 + 1 / piece.length);
    const whole = [vocabSize + 2, ...piece, vocabSize + 3];
    expect([...window.tokens]).toEqual(
      whole.map((token, at) => (hidden.includes(at) ? vocabSize + 1 : token)),
    );
    for (const at of hidden) {
      expect(window.targets[at]).toBe(whole[at]);
      asked[Math.floor(n / 7)][at - 1]++;
    }
  });
  expect(asked.flat().every((times) => times === 1)).toBe(true);
});

test('of a text of seven tokens that is the pseudo-log-likelihood', async () => {
  const short = 'grinds';
  expect(codec.encode(short).length).toBeLessThanOrEqual(7);
  const [measured] = await measure(bert, { text: short });
  const { logLikelihood, tokens } = await scoreText(bert, codec, { id: '1', text: short });
  expect(measured).toMatchObject({ tokens, bytes: 6 });
  expect(measured.loss).toBeCloseTo(-logLikelihood, 4);
  expect(summarise('perplexity', [measured])).not.toHaveProperty('bitsPerByte');
  expect(() => summarise('bits-per-byte', [measured])).toThrow(/no length of a code/);
});

test('an encoder-decoder tells a text from its context, in a file and in shards alike', async () => {
  const items = [
    { text: ' corn and rye', context: 'the miller grinds' },
    { text: ' in the stream', context: 'the wheel' },
  ];
  const measured = await measure(marian, ...items);
  for (const [i, { loss, tokens, bytes }] of measured.entries()) {
    const scored = await scoreText(marian, codec, { id: '1', ...items[i] });
    expect(loss).toBeCloseTo(-scored.logLikelihood, 4);
    expect([tokens, bytes]).toEqual([scored.tokens, items[i].text.length]);
  }
  expect(summarise('bits-per-byte', measured).bitsPerByte).toBeGreaterThan(1);
  const shards = makeFolder('pairs');
  const documents = items.map(({ text, context }, i) => {
    const [given, told] = [codec.encode(context), codec.encode(text)];
    return {
      ...{ id: documentId({ name: 'test', path: `${i}` }), split: 'validation', source: 'test' },
      tokens: [...given, ...told],
      lossMask: Uint8Array.from([...given.map(() => 0), ...told.map(() => 1)]),
    };
  });
  await writeTokenShards(shards, documents, { vocabSize, endOfText, tokenizer: file });
  const { documents: whole } = await evaluateShards(marian, codec, shards);
  const sum = (all: readonly (typeof measured)[0][], of: 'loss' | 'tokens' | 'bytes') =>
    all.reduce((total, one) => total + one[of], 0);
  expect(whole).toHaveLength(2);
  for (const of of ['tokens', 'bytes'] as const) expect(sum(whole, of)).toBe(sum(measured, of));
  expect(sum(whole, 'loss')).toBeCloseTo(sum(measured, 'loss'), 4);
});

test('without a context spans are left out, and source and target together are the text', async () => {
  const tokens = codec.encode(`${text}, ${text}`);
  const { windows, coded } = askOf(t5.model, codec, { tokens });
  expect(coded).toBeUndefined();
  const [{ source, targets }] = windows;
  const isSentinel = (token: number) => token > vocabSize;
  const spans = new Map<number, number[]>();
  for (const token of targets.subarray(0, -1))
    if (isSentinel(token)) spans.set(token, []);
    else [...spans.values()].at(-1)!.push(token);
  const restored = [...source!.subarray(0, -1)].flatMap((token) => spans.get(token) ?? [token]);
  expect(restored).toEqual(tokens);
  const [{ loss, tokens: told }] = await measure(t5, { text: `${text}, ${text}` });
  expect(told).toBe(targets.length);
  expect(loss / told).toBeGreaterThan(1);
  await expect(measure(marian, { text })).rejects.toMatchObject({ code: 'wrong-kind' });
});
