// LLaVA's form at a size that one machine trains: a ViT-S/16 (Steiner et al. 2022) before a LLaMA of 12 blocks, on images and
// what is said of them. LLaVA itself begins with a CLIP and a LLaMA that are trained: give both as one directory to --init-from.
//
//   node pipelines/train-llava.ts --data train.jsonl [--validation FILE] --tokenizer tokenizer.json --run RUN
//     [--init-from DIR] [--set steps=200 imageSize=32 …]

import { parseArgs } from 'node:util';
import { exitCode, onStopSignal, writeError } from '@gristmill/core';
import type { ModelConfig } from '@gristmill/models';
import { openExecutor, parseAssignments, trainOnCaptions } from '@gristmill/trainer';

const model: ModelConfig = {
  modelType: 'llava',
  textType: 'llama',
  vocabSize: 1, // the tokenizer's counts
  eosTokenId: 0,
  nPositions: 1024,
  nLayer: 12,
  nHead: 12,
  nKeyValueHead: 12,
  nEmbd: 768,
  nInner: 2048,
  rmsNormEpsilon: 1e-5,
  initializerRange: 0.02,
  rope: { theta: 10_000 },
  vision: {
    imageSize: 224,
    patchSize: 16,
    nLayer: 12,
    nHead: 6,
    nEmbd: 384,
    nInner: 1536,
    activation: 'quick_gelu',
    layerNormEpsilon: 1e-5,
    initializerRange: 0.02,
  },
  visionFeatureLayer: -2,
  projectorActivation: 'gelu',
};

const settings = {
  sequenceLength: 256, // 196 patches and a text
  microBatchSize: 16,
  gradAccumSteps: 8,
  steps: 5000,
  warmupSteps: 150,
  learningRate: 1e-3,
  minLearningRate: 0,
  weightDecay: 0,
  clip: 1,
  sampleInterval: 0, // a sample would need an image
};

async function run(): Promise<void> {
  const text = { type: 'string' } as const;
  const options = {
    ...{ data: text, validation: text, tokenizer: text, run: text, 'init-from': text, executor: text },
    set: { ...text, multiple: true },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { data, validation, tokenizer, run, 'init-from': initFrom, executor: name, set = [] } = values;
  if (data === undefined || tokenizer === undefined || run === undefined)
    throw new TypeError('write --data FILE --tokenizer FILE --run DIR');
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  const executor = await openExecutor({ name });
  const asked = parseAssignments([...set, ...positionals]);
  const request = { data, validation, tokenizer, run, initFrom, model, settings: [settings, asked] };
  const { finished, ...report } = await trainOnCaptions(request, executor, {
    signal: stop.signal,
    onStep: ({ step, loss, tokensPerSecond }) =>
      process.stderr.write(`step ${step}: loss ${loss.toFixed(4)}, ${tokensPerSecond} tokens/s\n`),
    onValidation: (step, loss) => process.stderr.write(`step ${step}: validation loss ${loss.toFixed(4)}\n`),
  });
  await executor.close();
  process.stdout.write(`${JSON.stringify({ ...report, finished })}\n`);
  if (!finished) process.exitCode = exitCode.stopped;
}

if (import.meta.main) {
  try {
    await run();
  } catch (error) {
    writeError(error);
    process.exitCode = exitCode.failed;
  }
}
