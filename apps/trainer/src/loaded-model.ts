// A model directory made ready for inference: its weights in an executor's memory, its tokenizer, its programs.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildNextTokenProgram, openModel, type LanguageModel } from '@gristmill/models';
import type { Executable, Executor, Tensor } from '@gristmill/tensor';
import { checkpointName, listCheckpoints } from './checkpoint.ts';
import { openExecutor, type ExecutorOptions } from './executors.ts';
import { openRun } from './run-folder.ts';
import { createScorer, roundLength, type Scorer } from './scorer.ts';

export interface LoadedModel {
  readonly model: LanguageModel;
  readonly tokenizer?: Uint8Array;
  /** Tokens of a prompt see each other. */
  readonly seesPrompt?: boolean;
  readonly executor: Executor;
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly scorer: Scorer;
  /** Logits of the token that follows at most maxLength tokens, computed from all of them. */
  nextLogits(tokens: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Opens a model directory, or the model of a training run's folder. */
export async function loadModel(directory: string, options: ExecutorOptions = {}): Promise<LoadedModel> {
  const { weights, ...saved } = await openModel(findModelDirectory(directory));
  const { model } = saved;
  const executor = await openExecutor(options);
  const parameters: Record<string, Tensor> = {};
  for await (const { name, shape, data } of weights())
    parameters[name] = await executor.upload({ shape, dtype: 'f32' }, data);
  const predictors = new Map<number, Promise<Executable>>();
  return {
    ...saved,
    executor,
    parameters,
    scorer: createScorer({ executor, model, parameters: () => parameters }),
    async nextLogits(tokens) {
      const length = roundLength(tokens.length, model.maxLength);
      const found = predictors.get(length) ?? executor.compile(buildNextTokenProgram(model, length));
      predictors.set(length, found);
      return predict({ executor, parameters, executable: await found, length }, tokens);
    },
    close: () => executor.close(),
  };
}

/** Opens a model for some work and closes it, whatever comes of it. */
export async function withModel<T>(directory: string, work: (model: LoadedModel) => Promise<T>): Promise<T> {
  const model = await loadModel(directory);
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}

/** The directory itself when it holds a config.json; of a run its finished model, else its newest checkpoint. */
export function findModelDirectory(directory: string): string {
  const newest = listCheckpoints(openRun(directory)).at(-1);
  const candidates = ['.', 'model', ...(newest === undefined ? [] : [checkpointName(newest)])];
  const found = candidates.find((path) => existsSync(join(directory, path, 'config.json')));
  return join(directory, found ?? '.');
}

interface Predictor {
  readonly executor: Executor;
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly executable: Executable;
  readonly length: number;
}

async function predict(
  { executor, parameters, executable, length }: Predictor,
  given: readonly number[],
): Promise<Float32Array> {
  // What lies after the position is not seen: attention is causal.
  const padded = new Int32Array(length);
  padded.set(given.slice(-length));
  const tokens = await executor.upload({ shape: [1, length], dtype: 'i32' }, padded);
  const at = Math.min(given.length, length) - 1;
  const position = await executor.upload({ shape: [1], dtype: 'i32' }, [at]);
  const { logits } = await executor.run(executable, { ...parameters, tokens, position });
  const result = (await executor.download(logits)) as Float32Array;
  executor.dispose(tokens, position, logits);
  return result;
}
