// Ten steps of small models that are no decoders: configurations, rows, and what a step is given; shared by the script
// that records PyTorch's losses and the test that compares ours.
import { createRandom } from '@gristmill/core';
import {
  createMasked,
  createModel,
  createSpans,
  initialise,
  type BatchArrays,
  type LanguageModel,
  type LoadedRows,
  type ModelConfig,
  type Objective,
} from '@gristmill/models';

export const [rows, steps, learningRate] = [4, 10, 3e-3];
const special = { endOfText: 0, pad: 1, mask: 2, classify: 3, separate: 4, decoderStart: 1 };
const vocabSize = 80;

interface Training {
  readonly model: LanguageModel;
  readonly objective: Objective;
}

export const trainings: Readonly<Record<'bert' | 't5', Training>> = {
  bert: {
    model: createModel({
      ...{ modelType: 'bert', vocabSize, nPositions: 32, nLayer: 2, nHead: 4, nEmbd: 32, dropout: 0 },
      ...{ layerNormEpsilon: 1e-12, initializerRange: 0.05, eosTokenId: 0, padTokenId: 1 },
    } as ModelConfig),
    objective: createMasked({ sequenceLength: 32, vocabSize, seed: 3, tokens: special, nextSentence: true }),
  },
  t5: {
    model: createModel({
      ...{ modelType: 't5', vocabSize, nPositions: 1 << 20, nLayer: 2, nHead: 4, nEmbd: 32, headSize: 8 },
      ...{ nInner: 64, dropout: 0, layerNormEpsilon: 1e-6, initializerFactor: 0.5, eosTokenId: 0 },
      ...{ padTokenId: 1, decoderStartTokenId: 1, firstSentinelTokenId: 79 },
    } as ModelConfig),
    objective: createSpans({ sequenceLength: 32, seed: 3, tokens: { ...special, firstSentinel: 79 } }),
  },
};

export const weightsOf = (model: LanguageModel) =>
  new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 11)]));

/** Rows of one document each; the last one ends in padding. */
function loadRows(length: number, step: number): LoadedRows {
  const random = createRandom(100 + step);
  const targets = Int32Array.from({ length: rows * length }, () => 5 + Math.floor(random() ** 2 * 60));
  const segments = targets.map((_, i) => (i >= (rows - 0.4) * length ? -1 : 0));
  const positions = targets.map((_, i) => i % length);
  return { rows, inputs: targets, targets, segments, positions };
}

/** From 1. */
export const batchOf = ({ objective }: Training, step: number): BatchArrays =>
  objective.build(loadRows(objective.sampleLength, step), { step });
