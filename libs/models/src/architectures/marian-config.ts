// The configuration of an encoder-decoder Transformer: config.json as Hugging Face's MarianConfig writes it, in and out.

import { DataError } from '@gristmill/core';
import {
  compact,
  readChoice,
  readFlag,
  readNumber,
  refuseOthers,
  unless,
  type ConfigJson,
} from '../blocks/config-json.ts';
import type { CommonConfig } from '../language-model.ts';

export type MarianActivation = 'relu' | 'gelu' | 'silu';

/** nLayer, nHead and nInner are the encoder's, and the decoder's unless it has its own. */
export interface MarianConfig extends CommonConfig {
  readonly modelType: 'marian';
  readonly nDecoderLayer?: number;
  readonly nDecoderHead?: number;
  readonly nInner: number;
  readonly nDecoderInner?: number;
  readonly activation?: MarianActivation;
  readonly dropout: number;
  readonly attentionDropout?: number;
  readonly activationDropout?: number;
  /** Embeddings are multiplied by √width, as Vaswani et al. do. */
  readonly scaleEmbedding?: boolean;
  readonly initializerRange: number;
  readonly padTokenId?: number;
  readonly decoderStartTokenId?: number;
}

/** Layer drop acts in training alone, where this model drops no layer. */
const fixed: ConfigJson = {
  share_encoder_decoder_embeddings: true,
  tie_word_embeddings: true,
  is_decoder: false,
  encoder_layerdrop: 0,
  decoder_layerdrop: 0,
  normalize_before: false,
  quantization_config: null,
};

const activations = { relu: 'relu', gelu: 'gelu', silu: 'silu', swish: 'silu' } as const;

export function readMarianConfig(json: ConfigJson): MarianConfig {
  refuseOthers(json, fixed);
  const vocabSize = readNumber(json, 'vocab_size', 58101);
  const nLayer = readNumber(json, 'encoder_layers', 12);
  const nHead = readNumber(json, 'encoder_attention_heads', 16);
  const nInner = readNumber(json, 'encoder_ffn_dim', 4096);
  const pad = readNumber(json, 'pad_token_id', 58100);
  return compact({
    modelType: 'marian',
    vocabSize,
    nPositions: readNumber(json, 'max_position_embeddings', 1024),
    nLayer,
    nDecoderLayer: unless(readNumber(json, 'decoder_layers', 12), nLayer),
    nHead,
    nDecoderHead: unless(readNumber(json, 'decoder_attention_heads', 16), nHead),
    nEmbd: readNumber(json, 'd_model', 1024),
    nInner,
    nDecoderInner: unless(readNumber(json, 'decoder_ffn_dim', 4096), nInner),
    activation: unless(
      readChoice<MarianActivation>(json, 'activation_function', activations, 'gelu'),
      'relu',
    ),
    dropout: readNumber(json, 'dropout', 0.1),
    attentionDropout: unless(readNumber(json, 'attention_dropout', 0), 0),
    activationDropout: unless(readNumber(json, 'activation_dropout', 0), 0),
    scaleEmbedding: unless(readFlag(json, 'scale_embedding', false), false),
    initializerRange: readNumber(json, 'init_std', 0.02),
    eosTokenId: readNumber(json, 'eos_token_id', 0),
    padTokenId: pad,
    decoderStartTokenId: unless(readNumber(json, 'decoder_start_token_id', 58100), pad),
  });
}

export function writeMarianConfig(config: MarianConfig): Record<string, unknown> {
  const { nLayer, nHead, nInner, eosTokenId, vocabSize } = config;
  return {
    architectures: ['MarianMTModel'],
    model_type: 'marian',
    is_encoder_decoder: true,
    vocab_size: vocabSize,
    decoder_vocab_size: vocabSize,
    max_position_embeddings: config.nPositions,
    d_model: config.nEmbd,
    encoder_layers: nLayer,
    decoder_layers: config.nDecoderLayer ?? nLayer,
    encoder_attention_heads: nHead,
    decoder_attention_heads: config.nDecoderHead ?? nHead,
    encoder_ffn_dim: nInner,
    decoder_ffn_dim: config.nDecoderInner ?? nInner,
    activation_function: config.activation ?? 'relu',
    dropout: config.dropout,
    attention_dropout: config.attentionDropout ?? 0,
    activation_dropout: config.activationDropout ?? 0,
    scale_embedding: config.scaleEmbedding ?? false,
    init_std: config.initializerRange,
    share_encoder_decoder_embeddings: true,
    tie_word_embeddings: true,
    pad_token_id: padOf(config),
    eos_token_id: eosTokenId,
    forced_eos_token_id: eosTokenId,
    decoder_start_token_id: decoderStartOf(config),
    torch_dtype: 'float32',
  };
}

export const padOf = ({ padTokenId, eosTokenId }: MarianConfig): number => padTokenId ?? eosTokenId;
export const decoderStartOf = (config: MarianConfig): number => config.decoderStartTokenId ?? padOf(config);

/** @throws DataError `wrong-setting` */
export function checkMarianConfig({ nEmbd, nHead, nDecoderHead = nHead }: MarianConfig): void {
  const odd = [nHead, nDecoderHead].find((heads) => nEmbd % heads !== 0);
  if (odd !== undefined)
    throw new DataError('wrong-setting', `${odd} heads do not divide nEmbd ${nEmbd}`, 'choose another');
  if (nEmbd % 2 === 1)
    throw new DataError('wrong-setting', `nEmbd ${nEmbd} is odd`, 'sines and cosines share it');
}
