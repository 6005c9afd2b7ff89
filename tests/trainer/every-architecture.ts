// Small trainings of every architecture, to be run on any executor: losses and norms must be those of `cpu`.
import { createRandom } from '@gristmill/core';
import {
  batchTypes,
  createCaptions,
  createModel,
  readModelConfig,
  type BatchShape,
  type LanguageModel,
} from '@gristmill/models';
import type { Executor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings, type Samples } from '@gristmill/trainer';
import { trainings as pairs } from '../models/pair-training.ts';
import { smallDecoders } from '../models/small-decoders.ts';
import { smallLlava } from './small-llava.ts';

interface Training {
  readonly model: LanguageModel;
  readonly shape: (batch: number) => BatchShape;
}

const marian = {
  ...{ model_type: 'marian', vocab_size: 61, d_model: 16, encoder_layers: 1, decoder_layers: 1 },
  ...{ encoder_attention_heads: 2, decoder_attention_heads: 2, encoder_ffn_dim: 32, decoder_ffn_dim: 32 },
  ...{ init_std: 0.1, max_position_embeddings: 32, pad_token_id: 60, eos_token_id: 0 },
  ...{ decoder_start_token_id: 60 },
};

const ofJson = (json: Readonly<Record<string, unknown>>) => createModel(readModelConfig(json, 'a test'));
const llava = createModel({ ...smallLlava, vocabSize: 61 });
const captions = createCaptions({
  image: llava.image!,
  sequenceLength: 32,
  tokens: { image: 60, endOfText: 0 },
});

/** By name; GPT-2 with dropout. */
export const trainings: Readonly<Record<string, Training>> = {
  ...Object.fromEntries(
    Object.entries(smallDecoders)
      .filter(([name]) => !/ of | stretched | tied| wide/.test(name))
      .map(([name, { modelType, json }]) => {
        const dropped = modelType === 'gpt2' ? { resid_pdrop: 0.1, embd_pdrop: 0.1, attn_pdrop: 0.1 } : {};
        const model = ofJson({ ...json, ...dropped, model_type: modelType });
        return [name, { model, shape: (batch: number) => ({ batch, length: 16 }) }];
      }),
  ),
  BERT: { model: pairs.bert.model, shape: (batch) => pairs.bert.objective.shape(batch) },
  T5: { model: pairs.t5.model, shape: (batch) => pairs.t5.objective.shape(batch) },
  Marian: {
    model: ofJson(marian),
    shape: (batch) => ({ batch, length: 9, further: { encoderTokens: { shape: [13], dtype: 'i32' } } }),
  },
  LLaVA: { model: llava, shape: (batch) => captions.shape(batch) },
};

export interface TakenStep {
  readonly loss: number;
  readonly gradNorm: number;
}

interface TakeOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Called between steps. */
  readonly onStep?: () => void;
}

/** Steps of AdamW on drawn batches, two micro-batches each. */
export async function takeSteps(
  executor: Executor,
  { model, shape }: Training,
  steps: number,
  { settings: changes = {}, onStep }: TakeOptions = {},
): Promise<TakenStep[]> {
  const { settings } = resolveSettings({ microBatchSize: 2, gradAccumSteps: 2, epsilon: 1e-5, ...changes });
  const rows = settings.microBatchSize * settings.gradAccumSteps;
  const step = await createTrainingStep({
    ...{ executor, model, objective: { shape }, optimizer: createOptimizer(settings), seed: 5, clip: 1 },
    shape: { ...settings, sequenceLength: shape(2).length },
  });
  const taken: TakenStep[] = [];
  for (let n = 1; n <= steps; n++) {
    const samples = drawSamples(model, shape(rows), n);
    const { loss, gradNorm } = (await step.run({ step: n, updates: n - 1, learningRate: 1e-3, samples }))!;
    taken.push({ loss, gradNorm });
    onStep?.();
  }
  executor.dispose(...Object.values(step.parameters()));
  return taken;
}

/** Tokens of all kinds, targets of which some are left out, two documents a row. */
function drawSamples({ vocabSize }: LanguageModel, shape: BatchShape, seed: number): Samples {
  const random = createRandom(seed);
  const draw = (name: string, i: number, rowLength: number): number => {
    if (/segments/i.test(name)) return (i % rowLength) * 2 < rowLength ? 0 : 1;
    if (/positions/i.test(name)) return i % rowLength;
    if (name === 'imagePlaces') return i % rowLength < 16 ? i % rowLength : -1;
    if (name === 'targets' && random() < 0.2) return -1;
    if (name === 'nextSentenceWeight') return 0.5;
    if (name === 'pixels') return random() * 2 - 1;
    return Math.floor(random() * (/tokenTypes|nextSentence/.test(name) ? 2 : vocabSize));
  };
  const arrays = Object.entries(batchTypes(shape)).map(([name, { shape: lengths, dtype }]) => {
    const size = lengths.reduce((product, length) => product * length, 1);
    const rowLength = size / shape.batch;
    const values = Array.from({ length: size }, (_, i) => draw(name, i, rowLength));
    return [name, dtype === 'f32' ? Float32Array.from(values) : Int32Array.from(values)] as const;
  });
  return Object.fromEntries(arrays) as unknown as Samples;
}
