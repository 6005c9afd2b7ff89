// GPT-1's configuration: config.json as Hugging Face's OpenAIGPTConfig writes it.

import { compact, readChoice, readFlag, readNumber, unless, type ConfigJson } from '../blocks/config-json.ts';
import type { CommonConfig } from '../language-model.ts';

export interface Gpt1Config extends CommonConfig {
  readonly modelType: 'openai-gpt';
  /** On the embeddings and on both branches of a block. */
  readonly dropout: number;
  /** On the embeddings alone, where that differs. */
  readonly embeddingDropout?: number;
  /** On the attention's probabilities. Default: as dropout. */
  readonly attentionDropout?: number;
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
  /** False: the head is a matrix of its own, lm_head.weight. Default true. */
  readonly tieWordEmbeddings?: boolean;
}

/** In this class "gelu" means the tanh form. */
const activations = { gelu: 'gelu_new' } as const;

export function readGpt1Config(json: ConfigJson): Gpt1Config {
  readChoice(json, 'afn', activations, 'gelu');
  const dropout = readNumber(json, 'resid_pdrop', 0.1);
  return compact({
    modelType: 'openai-gpt',
    vocabSize: readNumber(json, 'vocab_size', 40478),
    nPositions: readNumber(json, 'n_positions', 512),
    nLayer: readNumber(json, 'n_layer', 12),
    nHead: readNumber(json, 'n_head', 12),
    nEmbd: readNumber(json, 'n_embd', 768),
    dropout,
    embeddingDropout: unless(readNumber(json, 'embd_pdrop', 0.1), dropout),
    attentionDropout: unless(readNumber(json, 'attn_pdrop', 0.1), dropout),
    layerNormEpsilon: readNumber(json, 'layer_norm_epsilon', 1e-5),
    initializerRange: readNumber(json, 'initializer_range', 0.02),
    tieWordEmbeddings: unless(readFlag(json, 'tie_word_embeddings', true), true),
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
    resid_pdrop: config.dropout,
    embd_pdrop: config.embeddingDropout ?? config.dropout,
    attn_pdrop: config.attentionDropout ?? config.dropout,
    layer_norm_epsilon: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    tie_word_embeddings: config.tieWordEmbeddings ?? true,
    bos_token_id: config.eosTokenId,
    eos_token_id: config.eosTokenId,
    torch_dtype: 'float32',
  };
}
