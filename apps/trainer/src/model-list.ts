// What is known of a preset before anything is trained: parameters, tokens by Chinchilla's rule, and memory by executor.

import {
  countParameters,
  createModel,
  specialTokensOf,
  type LanguageModel,
  type ModelConfig,
  type Preset,
} from '@gristmill/models';
import { DataError } from '@gristmill/core';
import { openCpuExecutor, sizeOf } from '@gristmill/tensor';
import { compileTrainingStep } from './compiled-step.ts';
import { createOptimizer } from './optimizer-schema.ts';
import { createRunObjective } from './run-objective.ts';
import { resolveSettings } from './settings.ts';
import type { RunSettings } from './setting-schema.ts';

export interface ModelFacts {
  readonly name: string;
  /** `model_type` of config.json. */
  readonly type: string;
  /** As published: without heads that only pre-training has. */
  readonly parameters: number;
  /** All that training holds. */
  readonly parametersWithHeads: number;
  readonly vocabSize: number;
  readonly sequenceLength: number;
  /** Tokens by Chinchilla's rule: 20 a parameter (Hoffmann et al. 2022). */
  readonly chinchillaTokens: number;
  /** Bytes of training with the preset's micro-batch and optimiser. */
  readonly memory: {
    /** As planned; null where it is more than WebAssembly addresses. */
    readonly cpu: number | null;
    /** By arithmetic. */
    readonly xlaF32: number;
    readonly xlaBf16: number;
  };
  readonly paper: string;
  readonly recipe: string;
  readonly training: Preset['training'];
}

export async function describePreset(name: string, preset: Preset): Promise<ModelFacts> {
  const { vocabSize, bare, paper, recipe, training } = preset;
  // Tokens that are no text's would be those of the shards' tokenizer; which they are changes no count.
  const special = specialTokensOf(preset.model.modelType).map(({ field }, i) => [field, i]);
  const config = { ...preset.model, ...Object.fromEntries(special), vocabSize, eosTokenId: 0 } as ModelConfig;
  const model = createModel(config);
  const parameters = countParameters(bare ? createModel({ ...config, ...bare } as ModelConfig) : model);
  const { settings } = resolveSettings(training);
  return {
    name,
    type: model.type,
    parameters,
    parametersWithHeads: countParameters(model),
    vocabSize,
    sequenceLength: settings.sequenceLength,
    chinchillaTokens: 20 * parameters,
    memory: {
      cpu: (await planOnCpu(model, settings)) ?? null,
      xlaF32: addUp(model, settings, { weight: 4, gradient: 4, activation: 4 }),
      xlaBf16: addUp(model, settings, { weight: 2 + 4, gradient: 2, activation: 2 }), // and a master in f32
    },
    paper,
    recipe,
    training,
  };
}

/** More parameters have no place beside their gradients and a state in 4 GiB; to plan them would take seconds. */
const mostOnCpu = 2 ** 32 / 12;

async function planOnCpu(model: LanguageModel, settings: RunSettings): Promise<number | undefined> {
  if (countParameters(model) > mostOnCpu) return undefined;
  const executor = openCpuExecutor();
  try {
    const objective = createRunObjective(settings, model);
    const optimizer = createOptimizer(settings);
    const { memory } = await compileTrainingStep({ executor, model, objective, shape: settings, optimizer });
    return memory.total;
  } catch (error) {
    if (error instanceof DataError && error.code === 'model-too-large-for-cpu') return undefined;
    throw error;
  } finally {
    await executor.close();
  }
}

interface BytesOf {
  /** A parameter's copies, those of its gradient, a number that is kept for the backward pass. */
  readonly weight: number;
  readonly gradient: number;
  readonly activation: number;
}

/** Numbers that a block keeps of a token, in its widths (llm.c, nothing computed again). */
const keptWidths = 16;
/** Rows whose logits exist at once. */
const logitRows = 256;

function addUp(model: LanguageModel, settings: RunSettings, bytes: BytesOf): number {
  const optimizer = createOptimizer(settings);
  const specs = model.parameters();
  const state = specs
    .flatMap((spec) => Object.values(optimizer.state(spec)))
    .reduce((sum, of) => sum + sizeOf(of), 0);
  const held = countParameters(model) * (bytes.weight + bytes.gradient) + 4 * state;
  const { nLayer, nEmbd } = sizesOf(model);
  const tokens = settings.microBatchSize * settings.sequenceLength;
  const kept = tokens * nLayer * nEmbd * keptWidths * bytes.activation;
  return held + kept + Math.min(tokens, logitRows) * model.vocabSize * 4;
}

/** Blocks of all stacks, and their width, by the names of config.json. */
function sizesOf(model: LanguageModel): { nLayer: number; nEmbd: number } {
  const json = model.toJson();
  const first = (...names: string[]) =>
    Number(names.map((name) => json[name]).find((value) => value != null) ?? 0);
  const layers = first('num_hidden_layers', 'n_layer', 'num_layers', 'encoder_layers');
  const decoder = 'num_decoder_layers' in json || 'decoder_layers' in json;
  const nLayer = layers + (decoder ? first('num_decoder_layers', 'decoder_layers') || layers : 0);
  return { nLayer, nEmbd: first('hidden_size', 'n_embd', 'd_model') };
}
