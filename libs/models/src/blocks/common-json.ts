// What many classes' config.json say in the same words: shares that training drops, first weights, the tokens at the ends
// of texts.

import { compact, readFlag, readNumber, unless, type ConfigJson } from './config-json.ts';

export interface Dropouts {
  /** On the embeddings and on both branches of a block. */
  readonly dropout: number;
  /** On the embeddings alone, where that differs. */
  readonly embeddingDropout?: number;
  /** On the attention's probabilities. Default: as dropout. */
  readonly attentionDropout?: number;
}

/** Keys of config.json. */
export interface DropoutNames {
  readonly residual: string;
  /** Absent: the class has none. */
  readonly embedding?: string;
  readonly attention: string;
}

/** @param usual what the class drops where config.json is silent */
export function readDropouts(json: ConfigJson, names: DropoutNames, usual: number): Dropouts {
  const { residual, embedding, attention } = names;
  const dropout = readNumber(json, residual, usual);
  return compact({
    dropout,
    embeddingDropout:
      embedding === undefined ? undefined : unless(readNumber(json, embedding, usual), dropout),
    attentionDropout: unless(readNumber(json, attention, usual), dropout),
  });
}

export function writeDropouts(
  { dropout, embeddingDropout = dropout, attentionDropout = dropout }: Dropouts,
  { residual, embedding, attention }: DropoutNames,
): Record<string, number> {
  return {
    [residual]: dropout,
    ...(embedding === undefined ? {} : { [embedding]: embeddingDropout }),
    [attention]: attentionDropout,
  };
}

export interface NormAndWeights {
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
  /** False: the head is a matrix of its own. Default true. */
  readonly tieWordEmbeddings?: boolean;
}

/** Of the classes around GPT-2. */
export const readNormAndWeights = (json: ConfigJson): NormAndWeights =>
  compact({
    layerNormEpsilon: readNumber(json, 'layer_norm_epsilon', 1e-5),
    initializerRange: readNumber(json, 'initializer_range', 0.02),
    tieWordEmbeddings: unless(readFlag(json, 'tie_word_embeddings', true), true),
  });

export const writeNormAndWeights = (config: NormAndWeights): Record<string, unknown> => ({
  layer_norm_epsilon: config.layerNormEpsilon,
  initializer_range: config.initializerRange,
  tie_word_embeddings: config.tieWordEmbeddings ?? true,
});

export interface TextEnds {
  readonly eosTokenId: number;
  /** Default eosTokenId. */
  readonly bosTokenId?: number;
  /** Tokens that end a text beside eosTokenId. */
  readonly otherEnds?: readonly number[];
}

/** And how the weights lie. */
export const writeEnds = ({
  eosTokenId,
  bosTokenId = eosTokenId,
  otherEnds,
}: TextEnds): Record<string, unknown> => ({
  bos_token_id: bosTokenId,
  eos_token_id: otherEnds ? [eosTokenId, ...otherEnds] : eosTokenId,
  torch_dtype: 'float32',
});
