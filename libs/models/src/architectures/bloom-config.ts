// BLOOM's configuration: config.json as Hugging Face's BloomConfig writes it. ALiBi has no positions, so the longest
// sequence is that of the training, `seq_length` in the published files.

import {
  compact,
  readEndTokens,
  readFlag,
  readNumber,
  readOptionalNumber,
  refuseOthers,
  unless,
  type ConfigJson,
} from '../blocks/config-json.ts';
import type { CommonConfig } from '../language-model.ts';

export interface BloomConfig extends CommonConfig {
  readonly modelType: 'bloom';
  /** On both branches of a block. */
  readonly dropout: number;
  /** On the attention's probabilities. Default: as dropout. */
  readonly attentionDropout?: number;
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
  readonly tieWordEmbeddings?: boolean;
  readonly bosTokenId?: number;
  readonly otherEnds?: readonly number[];
}

const fixed: ConfigJson = { apply_residual_connection_post_layernorm: false, slow_but_exact: false };

export function readBloomConfig(json: ConfigJson): BloomConfig {
  refuseOthers(json, fixed);
  const dropout = readNumber(json, 'hidden_dropout', 0);
  return compact({
    modelType: 'bloom',
    vocabSize: readNumber(json, 'vocab_size', 250_880),
    nPositions: readNumber(json, 'seq_length', 2048),
    nLayer: readNumber(json, 'n_layer', readNumber(json, 'num_hidden_layers', 2)),
    nHead: readNumber(json, 'n_head', readNumber(json, 'num_attention_heads', 8)),
    nEmbd: readNumber(json, 'n_embed', readNumber(json, 'hidden_size', 64)),
    dropout,
    attentionDropout: unless(readNumber(json, 'attention_dropout', 0), dropout),
    layerNormEpsilon: readNumber(json, 'layer_norm_epsilon', 1e-5),
    initializerRange: readNumber(json, 'initializer_range', 0.02),
    tieWordEmbeddings: unless(readFlag(json, 'tie_word_embeddings', true), true),
    bosTokenId: readOptionalNumber({ bos_token_id: 1, ...json }, 'bos_token_id'),
    ...readEndTokens(json, 2),
  });
}

export function writeBloomConfig(config: BloomConfig): Record<string, unknown> {
  const { otherEnds, eosTokenId } = config;
  return {
    architectures: ['BloomForCausalLM'],
    model_type: 'bloom',
    vocab_size: config.vocabSize,
    seq_length: config.nPositions,
    hidden_size: config.nEmbd,
    n_layer: config.nLayer,
    n_head: config.nHead,
    hidden_dropout: config.dropout,
    attention_dropout: config.attentionDropout ?? config.dropout,
    layer_norm_epsilon: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    apply_residual_connection_post_layernorm: false,
    tie_word_embeddings: config.tieWordEmbeddings ?? true,
    bos_token_id: config.bosTokenId ?? eosTokenId,
    eos_token_id: otherEnds ? [eosTokenId, ...otherEnds] : eosTokenId,
    torch_dtype: 'float32',
  };
}
