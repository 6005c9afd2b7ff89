// T5 and the Transformer (Marian's class) against Hugging Face transformers: losses, logits, gradients, and texts that are
// written greedily, to the token; what it saves is read and written again bit by bit.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import {
  buildAccumulateProgram,
  buildLogitsProgram,
  createModel,
  initialise,
  readModel,
  writeModel,
  type BatchShape,
  type LanguageModel,
  type ModelConfig,
} from '@gristmill/models';
import { generateTokens, loadModel } from '@gristmill/trainer';
import { findPython, runPython } from '../python/python.ts';
import { runOnCpu } from './run-on-cpu.ts';

const python = findPython(['torch', 'transformers', 'safetensors']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const [batch, sourceLength, length, vocabSize] = [3, 150, 40, 61]; // beyond the longest distance that has a bucket

const sizes = { vocabSize, nLayer: 3, nDecoderLayer: 2, nHead: 4, nEmbd: 32, dropout: 0, eosTokenId: 1 };
const t5 = {
  ...{ modelType: 't5', ...sizes, nPositions: 1 << 20, headSize: 6, nInner: 48 },
  ...{ layerNormEpsilon: 1e-6, initializerFactor: 1, firstSentinelTokenId: 60 },
} as const;
const cases = {
  't5 v1.0': t5,
  't5 v1.1': { ...t5, activation: 'gated-gelu', tieWordEmbeddings: false, buckets: 8, maxDistance: 20 },
  marian: {
    ...{ modelType: 'marian', ...sizes, nDecoderHead: 2, nPositions: 160, nInner: 40, initializerRange: 0.3 },
    ...{ padTokenId: 0, scaleEmbedding: true, activation: 'silu' },
  },
};

const [used, targetsUsed] = [
  [150, 23, 90],
  [40, 5, 21],
];
const draw = (rows: number, width: number, lengths: readonly number[], salt: number) =>
  Int32Array.from({ length: rows * width }, (_, i) =>
    i % width < lengths[Math.floor(i / width)] ? 2 + ((i * i * 7 + salt) % 58) : 0,
  );
const source = draw(batch, sourceLength, used, 3);
const wanted = draw(batch, length, targetsUsed, 11);
const tokens = wanted.map((_, i) => (i % length === 0 ? 0 : wanted[i - 1]));
const targets = wanted.map((token) => (token === 0 ? -1 : token));
const count = targets.filter((target) => target >= 0).length;
const nest = (flat: Int32Array, width: number) =>
  Array.from({ length: batch }, (_, row) => [...flat.subarray(row * width, (row + 1) * width)]);
const prompts = [
  [5, 9, 33, 7, 1],
  [...source.subarray(0, 30), 1],
];

interface Measured {
  readonly loss: number;
  readonly logits: number[];
  readonly gradients: Record<string, number[]>;
  readonly texts: number[][];
}
interface Compared {
  readonly differ: string[];
  readonly more: string[];
  readonly changed: string[];
}

const script = readFileSync(new URL('encoder-decoder.py', import.meta.url), 'utf8');
const run = (actions: unknown[]) =>
  JSON.parse(
    runPython(
      python!,
      script,
      [],
      JSON.stringify({
        actions,
        prompts,
        source: nest(source, sourceLength),
        sourceMask: nest(
          source.map((token) => Math.min(1, token)),
          sourceLength,
        ),
        tokens: nest(tokens, length),
        labels: nest(
          targets.map((target) => (target < 0 ? -100 : target)),
          length,
        ),
      }),
    ),
  ) as unknown[];

const folder = () => mkdtempSync(join(tmpdir(), 'gristmill-encdec-'));
const models = new Map<
  string,
  { model: LanguageModel; weights: Map<string, Float32Array>; directory: string }
>();
let measured: Measured[] = [];
const made = {
  t5: {
    class: 'T5ForConditionalGeneration',
    options: { vocab_size: 70, d_model: 24, d_kv: 8, d_ff: 40, num_layers: 2, num_heads: 3 },
  },
  'untied t5': {
    class: 'T5ForConditionalGeneration',
    options: {
      ...{ vocab_size: 70, d_model: 24, d_kv: 8, d_ff: 40, num_layers: 1, num_heads: 2 },
      ...{ feed_forward_proj: 'gated-gelu', tie_word_embeddings: false },
    },
  },
  marian: {
    class: 'MarianMTModel',
    options: {
      ...{ vocab_size: 70, d_model: 24, encoder_layers: 2, decoder_layers: 1, encoder_attention_heads: 2 },
      ...{ decoder_attention_heads: 4, encoder_ffn_dim: 40, decoder_ffn_dim: 30, pad_token_id: 69 },
      ...{ decoder_start_token_id: 69, max_position_embeddings: 32 },
    },
  },
} as const;
let compared: Compared[] = [];

beforeAll(async () => {
  if (!python) return;
  for (const [name, config] of Object.entries(cases)) {
    const model = createModel(config as ModelConfig);
    const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 3)]));
    const directory = folder();
    await writeModel(directory, { model }, weights);
    models.set(name, { model, weights, directory });
  }
  const pairs = Object.values(made).map((one) => ({ ...one, from: folder(), to: folder() }));
  const actions = [...models.values()].map(({ model, directory }) => [
    'measure',
    directory,
    (model.toJson().architectures as string[])[0],
  ]);
  const creations = pairs.map((one) => ['create', one.from, one.class, one.options]);
  measured = run([...actions, ...creations]).slice(0, actions.length) as Measured[];
  for (const { from, to } of pairs) {
    const { model, weights } = await readModel(from);
    await writeModel(to, { model }, weights);
  }
  compared = run(pairs.map(({ from, to }) => ['compare', from, to])) as Compared[];
});

const further = {
  segments: { shape: [length], dtype: 'i32' },
  encoderTokens: { shape: [sourceLength], dtype: 'i32' },
  encoderSegments: { shape: [sourceLength], dtype: 'i32' },
} as const;
const shape: BatchShape = { batch, length, further };

for (const [number, name] of Object.keys(cases).entries()) {
  test.skipIf(!python)(`${name} has the loss, logits and gradients of transformers${why}`, async () => {
    const { model, weights } = models.get(name)!;
    const theirs = measured[number];
    const all = {
      ...Object.fromEntries(weights),
      ...{ tokens, targets, encoderTokens: source, counter: [0, 1, 0] },
      segments: targets.map(() => 0),
      encoderSegments: source.map((token) => (token === 0 ? -1 : 0)),
    };
    const got = await runOnCpu(buildAccumulateProgram(model, shape).program, all);
    expect(got.lossSum[0] / count).toBeCloseTo(theirs.loss, 4);
    for (const { name: parameter } of model.parameters()) {
      const expected = theirs.gradients[model.savedName(parameter)];
      if (expected === undefined) {
        expect(parameter).toBe('final_logits_bias'); // a buffer there
        continue;
      }
      const scale = Math.max(...expected.map(Math.abs), 1e-3);
      const sums = got[`sum:${parameter}`];
      // Where Marian's decoder begins, torch looks the padding's row up without a gradient.
      const skipped = name === 'marian' && parameter === 'shared.weight' ? 32 : 0;
      const error = Math.max(
        ...expected.slice(skipped).map((value, i) => Math.abs(value - sums[skipped + i] / count)),
      );
      expect(error / scale, parameter).toBeLessThan(1e-3);
    }
    const { logits } = await runOnCpu(buildLogitsProgram(model, shape), all);
    const wrong = logits.filter((logit, i) => {
      const isRead = Math.floor(i / vocabSize) % length < targetsUsed[Math.floor(i / vocabSize / length)];
      return isRead && !(Math.abs(logit - theirs.logits[i]) < 1e-4);
    });
    expect(wrong).toEqual([]);
  });

  test.skipIf(!python)(`${name} writes greedily what transformers writes${why}`, async () => {
    const loaded = await loadModel(models.get(name)!.directory);
    for (const [i, prompt] of prompts.entries()) {
      const written: number[] = [];
      const options = { temperature: 0, topK: 0, topP: 1, seed: 1, maxTokens: 20 };
      for await (const token of generateTokens(loaded, prompt.slice(0, -1), options)) written.push(token);
      const [, ...theirs] = measured[number].texts[i];
      expect(written).toEqual(theirs.filter((token) => token !== 1));
      expect(written.length).toBeGreaterThan(0);
    }
    await loaded.close();
  });
}

for (const [number, name] of Object.keys(made).entries())
  test.skipIf(!python)(`a ${name} that transformers saved is written again bit by bit${why}`, () => {
    const { differ, more, changed } = compared[number];
    expect(differ).toEqual([]);
    expect(more).toEqual(name === 'marian' ? more : []);
    expect(changed).toEqual([]);
  });
