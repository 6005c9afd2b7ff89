// A model directory made ready for inference: its weights in the executor's memory, its tokenizer, its programs.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildNextTokenProgram, readModel, type Model, type ModelConfig } from '@gristmill/models';
import { createCpuEngine, type CpuBuffer, type CpuEngine, type Schedule } from '@gristmill/tensor';
import { checkpointName, listCheckpoints, openRun } from './run-folder.ts';
import { createScorer, type Scorer } from './scorer.ts';

export interface LoadedModel {
  readonly config: ModelConfig;
  readonly tokenizer?: Uint8Array;
  readonly engine: CpuEngine;
  readonly scorer: Scorer;
  /** Logits of the token that follows at most nPositions tokens; a live view, valid until the next call. */
  nextLogits(tokens: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Opens a model directory, or the model of a training run's folder. */
export async function loadModel(directory: string): Promise<LoadedModel> {
  return prepareModel(await readModel(findModelDirectory(directory)));
}

/** The directory itself when it holds a config.json; of a run its finished model, else its newest checkpoint. */
export function findModelDirectory(directory: string): string {
  const newest = listCheckpoints(openRun(directory)).at(-1);
  const candidates = ['.', 'model', ...(newest === undefined ? [] : [checkpointName(newest)])];
  const found = candidates.find((path) => existsSync(join(directory, path, 'config.json')));
  return join(directory, found ?? '.');
}

export function prepareModel({ config, weights, tokenizer }: Model): LoadedModel {
  const threads = availableParallelism();
  const engine = createCpuEngine({ threads });
  const parameters = new Map<string, CpuBuffer>();
  for (const [name, data] of weights) {
    const buffer = engine.allocate({ shape: [data.length], dtype: 'f32' });
    buffer.data.set(data);
    parameters.set(name, buffer);
  }
  const scorer = createScorer({ engine, config, parameters, threads });
  const predictors = new Map<number, Promise<Predictor>>();
  return {
    config,
    tokenizer,
    engine,
    scorer,
    async nextLogits(tokens) {
      const length = Math.min(config.nPositions, Math.max(16, 2 ** Math.ceil(Math.log2(tokens.length))));
      const found = predictors.get(length) ?? createPredictor({ engine, config, parameters }, length);
      predictors.set(length, found);
      return (await found)(tokens);
    },
    async close() {
      await scorer.close();
    },
  };
}

type Predictor = (tokens: readonly number[]) => Float32Array;

async function createPredictor(
  {
    engine,
    config,
    parameters,
  }: { engine: CpuEngine; config: ModelConfig; parameters: ReadonlyMap<string, CpuBuffer> },
  length: number,
): Promise<Predictor> {
  const tokens = engine.allocate({ shape: [1, length], dtype: 'i32' });
  const position = engine.allocate({ shape: [1], dtype: 'i32' });
  const logits = engine.allocate({ shape: [1, config.vocabSize], dtype: 'f32' });
  const schedule: Schedule = await engine.schedule([
    [
      {
        plan: engine.compile(buildNextTokenProgram(config, length)),
        inputs: { ...Object.fromEntries(parameters), tokens, position },
        outputs: { logits },
      },
    ],
  ]);
  return (given) => {
    // What lies after the position is not seen: attention is causal.
    tokens.data.fill(0);
    tokens.data.set(given.slice(-length));
    position.data[0] = Math.min(given.length, length) - 1;
    schedule.run();
    return logits.data as Float32Array;
  };
}
