// GPT-1's configuration: config.json as Hugging Face's OpenAIGPTConfig writes it.

import {
  readDropouts,
  readNormAndWeights,
  writeDropouts,
  writeEnds,
  writeNormAndWeights,
  type Dropouts,
  type NormAndWeights,
} from '../blocks/common-json.ts';
import { compact, readChoice, readNumber, type ConfigJson } from '../blocks/config-json.ts';
import type { CommonConfig } from '../language-model.ts';

export interface Gpt1Config extends CommonConfig, Dropouts, NormAndWeights {
  readonly modelType: 'openai-gpt';
}

const dropouts = { residual: 'resid_pdrop', embedding: 'embd_pdrop', attention: 'attn_pdrop' };

/** In this class "gelu" means the tanh form. */
const activations = { gelu: 'gelu_new' } as const;

export function readGpt1Config(json: ConfigJson): Gpt1Config {
  readChoice(json, 'afn', activations, 'gelu');
  return compact({
    modelType: 'openai-gpt',
    vocabSize: readNumber(json, 'vocab_size', 40478),
    nPositions: readNumber(json, 'n_positions', 512),
    nLayer: readNumber(json, 'n_layer', 12),
    nHead: readNumber(json, 'n_head', 12),
    nEmbd: readNumber(json, 'n_embd', 768),
    ...readDropouts(json, dropouts, 0.1),
    ...readNormAndWeights(json),
    eosTokenId: readNumber(json, 'eos_token_id', 0), // its vocabulary has none; 0 is <unk>
  });
}

export function writeGpt1Config(config: Gpt1Config): Record<string, unknown> {
  return {
    architectures: ['OpenAIGPTLMHeadModel'],
    model_type: 'openai-gpt',
    afn: 'gelu',
    vocab_size: config.vocabSize,
    n_positions: config.nPositions,
    n_ctx: config.nPositions,
    n_embd: config.nEmbd,
    n_layer: config.nLayer,
    n_head: config.nHead,
    ...writeDropouts(config, dropouts),
    ...writeNormAndWeights(config),
    ...writeEnds(config),
  };
}
