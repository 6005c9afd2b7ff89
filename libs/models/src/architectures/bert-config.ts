// BERT's configuration and RoBERTa's: config.json as Hugging Face's BertConfig and RobertaConfig write it, in and out.
// Which heads there are, `architectures` says.

import { DataError } from '@gristmill/core';
import { readDropouts, writeDropouts, type Dropouts } from '../blocks/common-json.ts';
import {
  compact,
  readChoice,
  readNumber,
  readOptionalNumber,
  refuseOthers,
  unless,
  type ConfigJson,
} from '../blocks/config-json.ts';
import { checkHeads } from '../blocks/size-settings.ts';
import type { CommonConfig } from '../language-model.ts';

/** none: hidden states alone. masked: hidden tokens. pre-training: those, and whether a sentence follows another. */
export type BertHeads = 'none' | 'masked' | 'pre-training';

export interface BertConfig extends CommonConfig, Omit<Dropouts, 'embeddingDropout'> {
  /** roberta: positions are counted from the padding's id + 1, as fairseq does, and heads have other names. */
  readonly modelType: 'bert' | 'roberta';
  /** Default pre-training for bert, masked for roberta. */
  readonly heads?: BertHeads;
  /** Width of the feed-forward layers. Default 4 × nEmbd. */
  readonly nInner?: number;
  readonly activation?: BertActivation;
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
  /** Kinds of parts of a row. Default 2. */
  readonly typeVocabSize?: number;
  readonly padTokenId?: number;
  readonly maskTokenId?: number;
  /** [CLS] */
  readonly classifyTokenId?: number;
  /** [SEP] */
  readonly separateTokenId?: number;
}

export type BertActivation = 'gelu' | 'gelu_new';

const dropouts = { residual: 'hidden_dropout_prob', attention: 'attention_probs_dropout_prob' };

const fixed: ConfigJson = {
  position_embedding_type: 'absolute',
  is_decoder: false,
  add_cross_attention: false,
  tie_word_embeddings: true,
  quantization_config: null,
};

const activations = { gelu: 'gelu', gelu_new: 'gelu_new', gelu_pytorch_tanh: 'gelu_new' } as const;

const headsByClass: Readonly<Record<string, BertHeads>> = {
  BertModel: 'none',
  RobertaModel: 'none',
  BertForMaskedLM: 'masked',
  RobertaForMaskedLM: 'masked',
  BertForPreTraining: 'pre-training',
};

const usualHeads = { bert: 'pre-training', roberta: 'masked' } as const;
const usualPad = { bert: 0, roberta: 1 } as const;

export const headsOf = ({ modelType, heads = usualHeads[modelType] }: BertConfig): BertHeads => heads;
export const padOf = ({ modelType, padTokenId = usualPad[modelType] }: BertConfig): number => padTokenId;

export const readBertConfig = (json: ConfigJson): BertConfig => read(json, 'bert');
export const readRobertaConfig = (json: ConfigJson): BertConfig => read(json, 'roberta');

function read(json: ConfigJson, modelType: BertConfig['modelType']): BertConfig {
  refuseOthers(json, fixed);
  const nEmbd = readNumber(json, 'hidden_size', 768);
  const isRoberta = modelType === 'roberta';
  return compact({
    modelType,
    heads: unless(readHeads(json, modelType), usualHeads[modelType]),
    vocabSize: readNumber(json, 'vocab_size', isRoberta ? 50265 : 30522),
    nPositions: readNumber(json, 'max_position_embeddings', 512),
    nLayer: readNumber(json, 'num_hidden_layers', 12),
    nHead: readNumber(json, 'num_attention_heads', 12),
    nEmbd,
    nInner: unless(readNumber(json, 'intermediate_size', 3072), 4 * nEmbd),
    activation: unless(readChoice<BertActivation>(json, 'hidden_act', activations, 'gelu'), 'gelu'),
    ...readDropouts(json, dropouts, 0.1),
    layerNormEpsilon: readNumber(json, 'layer_norm_eps', 1e-12),
    initializerRange: readNumber(json, 'initializer_range', 0.02),
    typeVocabSize: unless(readNumber(json, 'type_vocab_size', 2), 2),
    padTokenId: unless(readNumber(json, 'pad_token_id', usualPad[modelType]), usualPad[modelType]),
    maskTokenId: readOptionalNumber(json, 'mask_token_id'),
    classifyTokenId:
      readOptionalNumber(json, 'cls_token_id') ??
      (isRoberta ? readOptionalNumber(json, 'bos_token_id') : undefined),
    separateTokenId:
      readOptionalNumber(json, 'sep_token_id') ??
      (isRoberta ? readOptionalNumber(json, 'eos_token_id') : undefined),
    eosTokenId: readNumber(json, 'eos_token_id', readNumber(json, 'sep_token_id', isRoberta ? 2 : 102)),
  });
}

function readHeads(json: ConfigJson, modelType: BertConfig['modelType']): BertHeads {
  const [name] = Array.isArray(json.architectures) ? (json.architectures as unknown[]) : [];
  if (name === undefined) return usualHeads[modelType];
  if (Object.hasOwn(headsByClass, String(name))) return headsByClass[String(name)];
  throw new DataError(
    'not-modelled',
    `config.json describes a ${String(name)}, whose head is not computed here`,
    `classes that can be read: ${Object.keys(headsByClass).join(', ')}`,
  );
}

export function writeBertConfig(config: BertConfig): Record<string, unknown> {
  const { modelType, nEmbd, classifyTokenId, separateTokenId } = config;
  const isRoberta = modelType === 'roberta';
  const heads = headsOf(config);
  const name = isRoberta ? 'Roberta' : 'Bert';
  const suffix = { none: 'Model', masked: 'ForMaskedLM', 'pre-training': 'ForPreTraining' }[heads];
  return compact({
    architectures: [`${name}${suffix}`],
    model_type: modelType,
    vocab_size: config.vocabSize,
    max_position_embeddings: config.nPositions,
    num_hidden_layers: config.nLayer,
    num_attention_heads: config.nHead,
    hidden_size: nEmbd,
    intermediate_size: config.nInner ?? 4 * nEmbd,
    hidden_act: config.activation ?? 'gelu',
    ...writeDropouts(config, dropouts),
    layer_norm_eps: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    type_vocab_size: config.typeVocabSize ?? 2,
    position_embedding_type: 'absolute',
    pad_token_id: padOf(config),
    mask_token_id: config.maskTokenId,
    cls_token_id: classifyTokenId,
    sep_token_id: separateTokenId,
    bos_token_id: isRoberta ? classifyTokenId : undefined,
    eos_token_id: config.eosTokenId < config.vocabSize ? config.eosTokenId : undefined,
    tie_word_embeddings: true,
    torch_dtype: 'float32',
  });
}

/** @throws DataError `wrong-setting`, `not-modelled` */
export function checkBertConfig(config: BertConfig): void {
  checkHeads(config);
  if (config.modelType === 'roberta' && headsOf(config) === 'pre-training')
    throw new DataError('not-modelled', 'a roberta has no head for the next sentence', 'use a bert for it');
}

/** Longest sequence: RoBERTa's table begins with rows for padding that no token uses. */
export const maxLengthOf = (config: BertConfig): number =>
  config.modelType === 'roberta' ? config.nPositions - padOf(config) - 1 : config.nPositions;
