// The decoders that papers and model cards describe, by their names: sizes and the size of the vocabulary that each was
// trained with. Recipes that go with them are presets.ts.

import type { ModelSizes } from './architectures.ts';

export interface PublishedModel {
  readonly vocabSize: number;
  readonly sizes: ModelSizes;
}

const still = { dropout: 0, layerNormEpsilon: 1e-5, initializerRange: 0.02 };

/** Radford et al. 2018. */
const gpt1: PublishedModel = {
  vocabSize: 40478,
  sizes: {
    modelType: 'openai-gpt',
    nPositions: 512,
    nLayer: 12,
    nHead: 12,
    nEmbd: 768,
    ...still,
    dropout: 0.1,
  },
};

/** Radford et al. 2019, at 1,024 positions; GPT-3 (Brown et al. 2020) is the same at 2,048. */
const gpt2 = (nLayer: number, nEmbd: number, nHead: number, nPositions = 1024): PublishedModel => ({
  vocabSize: 50257,
  sizes: { modelType: 'gpt2', nPositions, nLayer, nHead, nEmbd, ...still },
});
const gpt3 = (nLayer: number, nEmbd: number, nHead: number) => gpt2(nLayer, nEmbd, nHead, 2048);

/** Black et al. 2021. */
const gptNeo = (nLayer: number, nEmbd: number, nHead: number): PublishedModel => ({
  vocabSize: 50257,
  sizes: {
    ...{ modelType: 'gpt_neo', nPositions: 2048, nLayer, nHead, nEmbd, ...still },
    ...{ window: 256, windowed: [false, true] },
  },
});

interface LlamaSizes {
  readonly nLayer: number;
  readonly nEmbd: number;
  readonly nHead: number;
  readonly nInner: number;
  readonly nKeyValueHead?: number;
}
type LlamaFields = Extract<ModelSizes, { readonly modelType: 'llama' | 'qwen2' | 'mistral' | 'smollm3' }>;

const llama = (
  { nLayer, nEmbd, nHead, nInner, nKeyValueHead = nHead }: LlamaSizes,
  more: Partial<LlamaFields> = {},
  vocabSize = 32000,
): PublishedModel => ({
  vocabSize,
  sizes: {
    ...{ modelType: 'llama', nPositions: 2048, nLayer, nHead, nKeyValueHead, nEmbd, nInner },
    ...{ rmsNormEpsilon: 1e-6, initializerRange: 0.02, rope: { theta: 10_000 }, ...more },
  },
});
const llama2: Partial<LlamaFields> = { nPositions: 4096, rmsNormEpsilon: 1e-5 };
const llama3: Partial<LlamaFields> = { nPositions: 8192, rmsNormEpsilon: 1e-5, rope: { theta: 500_000 } };
/** Llama 3.1 and 3.2 read 128K tokens, stretched from 8,192. */
const stretched = (factor: number): Partial<LlamaFields> => ({
  ...llama3,
  nPositions: 131_072,
  rope: {
    theta: 500_000,
    scaling: { type: 'llama3', factor, originalLength: 8192, lowFrequencyFactor: 1, highFrequencyFactor: 4 },
  },
});

/** Le Scao et al. 2022. */
const bloom = (nLayer: number, nEmbd: number, nHead: number): PublishedModel => ({
  vocabSize: 250_880,
  sizes: { modelType: 'bloom', nPositions: 2048, nLayer, nHead, nEmbd, ...still },
});

/** Karpathy 2025: depth N, 64 N wide, heads of 128. */
const nanochat = (depth: number): PublishedModel => ({
  vocabSize: 32768,
  sizes: {
    ...{
      modelType: 'nanochat_windowed',
      nPositions: 2048,
      nLayer: depth,
      nEmbd: 64 * depth,
      nInner: 256 * depth,
    },
    ...{ nHead: depth / 2, nKeyValueHead: depth / 2, rmsNormEpsilon: 1e-6, rope: { theta: 10_000 } },
    ...{ softcap: 20, window: 1024 },
  },
});

export const publishedDecoders: Readonly<Record<string, PublishedModel>> = {
  gpt1,
  'gpt2-124m': gpt2(12, 768, 12),
  'gpt2-350m': gpt2(24, 1024, 16),
  'gpt2-774m': gpt2(36, 1280, 20),
  'gpt2-1558m': gpt2(48, 1600, 25),
  'gpt3-125m': gpt3(12, 768, 12),
  'gpt3-350m': gpt3(24, 1024, 16),
  'gpt3-760m': gpt3(24, 1536, 16),
  // Printed with 24 heads of 128, which is not its width.
  'gpt3-1.3b': gpt3(24, 2048, 16),
  'gpt3-2.7b': gpt3(32, 2560, 32),
  'gpt3-6.7b': gpt3(32, 4096, 32),
  // Printed 5,140 wide, which is not 40 heads of 128.
  'gpt3-13b': gpt3(40, 5120, 40),
  'gpt3-175b': gpt3(96, 12288, 96),
  'gpt-neo-125m': gptNeo(12, 768, 12),
  'gpt-neo-1.3b': gptNeo(24, 2048, 16),
  'gpt-neo-2.7b': gptNeo(32, 2560, 20),
  'llama-7b': llama({ nLayer: 32, nEmbd: 4096, nHead: 32, nInner: 11008 }),
  'llama-13b': llama({ nLayer: 40, nEmbd: 5120, nHead: 40, nInner: 13824 }),
  'llama-33b': llama({ nLayer: 60, nEmbd: 6656, nHead: 52, nInner: 17920 }),
  'llama-65b': llama({ nLayer: 80, nEmbd: 8192, nHead: 64, nInner: 22016 }),
  'llama-2-7b': llama({ nLayer: 32, nEmbd: 4096, nHead: 32, nInner: 11008 }, llama2),
  'llama-2-13b': llama({ nLayer: 40, nEmbd: 5120, nHead: 40, nInner: 13824 }, llama2),
  'llama-2-70b': llama({ nLayer: 80, nEmbd: 8192, nHead: 64, nInner: 28672, nKeyValueHead: 8 }, llama2),
  'llama-3-8b': llama(
    { nLayer: 32, nEmbd: 4096, nHead: 32, nInner: 14336, nKeyValueHead: 8 },
    llama3,
    128_256,
  ),
  'llama-3-70b': llama(
    { nLayer: 80, nEmbd: 8192, nHead: 64, nInner: 28672, nKeyValueHead: 8 },
    llama3,
    128_256,
  ),
  'llama-3.1-8b': llama(
    { nLayer: 32, nEmbd: 4096, nHead: 32, nInner: 14336, nKeyValueHead: 8 },
    stretched(8),
    128_256,
  ),
  'llama-3.2-1b': llama(
    { nLayer: 16, nEmbd: 2048, nHead: 32, nInner: 8192, nKeyValueHead: 8 },
    { ...stretched(32), tieWordEmbeddings: true },
    128_256,
  ),
  'llama-3.2-3b': llama(
    { nLayer: 28, nEmbd: 3072, nHead: 24, nInner: 8192, nKeyValueHead: 8 },
    { ...stretched(32), tieWordEmbeddings: true },
    128_256,
  ),
  'tinyllama-1.1b': llama(
    { nLayer: 22, nEmbd: 2048, nHead: 32, nInner: 5632, nKeyValueHead: 4 },
    { rmsNormEpsilon: 1e-5 },
  ),
  'mistral-7b': llama(
    { nLayer: 32, nEmbd: 4096, nHead: 32, nInner: 14336, nKeyValueHead: 8 },
    { modelType: 'mistral', nPositions: 32768, rmsNormEpsilon: 1e-5, window: 4096 },
  ),
  'qwen2-0.5b': llama(
    { nLayer: 24, nEmbd: 896, nHead: 14, nInner: 4864, nKeyValueHead: 2 },
    { modelType: 'qwen2', nPositions: 32768, rope: { theta: 1_000_000 }, tieWordEmbeddings: true },
    151_936,
  ),
  // The length and base of its first stage; every fourth block has no rotation.
  'smollm3-3b': llama(
    { nLayer: 36, nEmbd: 2048, nHead: 16, nInner: 11008, nKeyValueHead: 4 },
    {
      ...{ modelType: 'smollm3', nPositions: 4096, rope: { theta: 50_000 }, tieWordEmbeddings: true },
      rotates: [true, true, true, false],
    },
    128_256,
  ),
  'bloom-560m': bloom(24, 1024, 16),
  'bloom-1b1': bloom(24, 1536, 16),
  'bloom-1b7': bloom(24, 2048, 16),
  'bloom-3b': bloom(30, 2560, 32),
  'bloom-7b1': bloom(30, 4096, 32),
  'bloom-176b': bloom(70, 14336, 112),
  ...Object.fromEntries([4, 8, 12, 16, 20, 26, 32].map((depth) => [`nanochat-d${depth}`, nanochat(depth)])),
};
