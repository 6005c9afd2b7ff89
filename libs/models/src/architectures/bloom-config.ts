// BLOOM's configuration: config.json as Hugging Face's BloomConfig writes it. ALiBi has no positions, so the longest
// sequence is that of the training, `seq_length` in the published files.

import {
  readDropouts,
  readNormAndWeights,
  writeDropouts,
  writeEnds,
  writeNormAndWeights,
  type Dropouts,
  type NormAndWeights,
  type TextEnds,
} from '../blocks/common-json.ts';
import {
  compact,
  readEndTokens,
  readNumber,
  readOptionalNumber,
  refuseOthers,
  type ConfigJson,
} from '../blocks/config-json.ts';
import type { CommonConfig } from '../language-model.ts';

export interface BloomConfig
  extends CommonConfig, Omit<Dropouts, 'embeddingDropout'>, NormAndWeights, TextEnds {
  readonly modelType: 'bloom';
}

const dropouts = { residual: 'hidden_dropout', attention: 'attention_dropout' };

const fixed: ConfigJson = { apply_residual_connection_post_layernorm: false, slow_but_exact: false };

export function readBloomConfig(json: ConfigJson): BloomConfig {
  refuseOthers(json, fixed);
  return compact({
    modelType: 'bloom',
    vocabSize: readNumber(json, 'vocab_size', 250_880),
    nPositions: readNumber(json, 'seq_length', 2048),
    nLayer: readNumber(json, 'n_layer', readNumber(json, 'num_hidden_layers', 2)),
    nHead: readNumber(json, 'n_head', readNumber(json, 'num_attention_heads', 8)),
    nEmbd: readNumber(json, 'n_embed', readNumber(json, 'hidden_size', 64)),
    ...readDropouts(json, dropouts, 0),
    ...readNormAndWeights(json),
    bosTokenId: readOptionalNumber({ bos_token_id: 1, ...json }, 'bos_token_id'),
    ...readEndTokens(json, 2),
  });
}

export function writeBloomConfig(config: BloomConfig): Record<string, unknown> {
  return {
    architectures: ['BloomForCausalLM'],
    model_type: 'bloom',
    vocab_size: config.vocabSize,
    seq_length: config.nPositions,
    hidden_size: config.nEmbd,
    n_layer: config.nLayer,
    n_head: config.nHead,
    ...writeDropouts(config, dropouts),
    ...writeNormAndWeights(config),
    apply_residual_connection_post_layernorm: false,
    ...writeEnds(config),
  };
}
