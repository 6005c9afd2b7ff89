// GPT-Neo's configuration: config.json as Hugging Face's GPTNeoConfig writes it. It is the only class there with GPT-3's
// windowed blocks; its scores are not scaled, and queries, keys and values have no biases.

import {
  readDropouts,
  readNormAndWeights,
  writeDropouts,
  writeEnds,
  writeNormAndWeights,
  type Dropouts,
  type NormAndWeights,
} from '../blocks/common-json.ts';
import {
  compact,
  readChoice,
  readNumber,
  readOptionalNumber,
  wrongConfig,
  type ConfigJson,
} from '../blocks/config-json.ts';
import type { CommonConfig } from '../language-model.ts';

export interface GptNeoConfig extends CommonConfig, Dropouts, NormAndWeights {
  readonly modelType: 'gpt_neo';
  /** Default 4 × nEmbd. */
  readonly nInner?: number;
  /** A key is seen at a distance below this in windowed blocks. */
  readonly window: number;
  /** Which blocks see a window; repeated from the start. */
  readonly windowed: readonly boolean[];
}

const dropouts = { residual: 'resid_dropout', embedding: 'embed_dropout', attention: 'attention_dropout' };

const activations = { gelu_new: 'gelu_new', gelu_pytorch_tanh: 'gelu_new' } as const;

export function readGptNeoConfig(json: ConfigJson): GptNeoConfig {
  readChoice(json, 'activation_function', activations, 'gelu_new');
  return compact({
    modelType: 'gpt_neo',
    vocabSize: readNumber(json, 'vocab_size', 50257),
    nPositions: readNumber(json, 'max_position_embeddings', 2048),
    nLayer: readNumber(json, 'num_layers', 24),
    nHead: readNumber(json, 'num_heads', 16),
    nEmbd: readNumber(json, 'hidden_size', 2048),
    nInner: readOptionalNumber(json, 'intermediate_size'),
    window: readNumber(json, 'window_size', 256),
    windowed: readKinds(json).map((kind) => kind === 'local'),
    ...readDropouts(json, dropouts, 0),
    ...readNormAndWeights(json),
    eosTokenId: readNumber(json, 'eos_token_id', 50256),
  });
}

/** attention_types: lists of kinds, each with how often it is repeated. */
function readKinds(json: ConfigJson): ('global' | 'local')[] {
  const given = json.attention_types ?? [[['global', 'local'], 12]];
  const groups = Array.isArray(given) ? (given as unknown[]) : [];
  const kinds = groups.flatMap((group) => {
    const [list, times] = Array.isArray(group) ? (group as unknown[]) : [];
    return Array.isArray(list) && Number.isInteger(times)
      ? Array.from({ length: times as number }, () => list as unknown[]).flat()
      : [undefined];
  });
  if (kinds.length > 0 && kinds.every((kind) => kind === 'global' || kind === 'local'))
    return kinds as ('global' | 'local')[];
  throw wrongConfig('attention_types', given, 'it is a list of [kinds, times], kinds being global and local');
}

export function writeGptNeoConfig(
  config: GptNeoConfig,
  windowed: readonly boolean[],
): Record<string, unknown> {
  const kinds = windowed.map((isLocal) => (isLocal ? 'local' : 'global'));
  return {
    architectures: ['GPTNeoForCausalLM'],
    model_type: 'gpt_neo',
    activation_function: 'gelu_new',
    vocab_size: config.vocabSize,
    max_position_embeddings: config.nPositions,
    hidden_size: config.nEmbd,
    num_layers: config.nLayer,
    num_heads: config.nHead,
    intermediate_size: config.nInner ?? null,
    window_size: config.window,
    attention_types: [[kinds, 1]],
    attention_layers: kinds,
    ...writeDropouts(config, dropouts),
    ...writeNormAndWeights(config),
    ...writeEnds(config),
  };
}
