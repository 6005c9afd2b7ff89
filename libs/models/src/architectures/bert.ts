// BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019): post-norm blocks that see the whole row, learned positions,
// kinds of parts, exact GELU. The head transforms hidden states before it compares them with the embeddings; a pooled
// first token tells whether a sentence follows another. Weights lie [out, in].

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { layerNorm, linear, repeatBlocks, table, vector } from '../blocks/parameters.ts';
import { splitHeads } from '../blocks/self-attention.ts';
import { changeWithDropout, dropoutSetting, sizeSettings } from '../blocks/size-settings.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import {
  checkBertConfig,
  headsOf,
  maxLengthOf,
  padOf,
  readBertConfig,
  readRobertaConfig,
  writeBertConfig,
  type BertConfig,
} from './bert-config.ts';

const architecture: Omit<Architecture<BertConfig>, 'fromJson'> = {
  settings: { ...sizeSettings, ...dropoutSetting },
  change: changeWithDropout,
  create: createBert,
  specialTokens: [
    { field: 'padTokenId', spellings: ['[PAD]', '<pad>'] },
    { field: 'classifyTokenId', spellings: ['[CLS]', '<s>'] },
    { field: 'separateTokenId', spellings: ['[SEP]', '</s>'] },
    { field: 'maskTokenId', spellings: ['[MASK]', '<mask>'] },
  ],
};

export const bert: Architecture<BertConfig> = { ...architecture, fromJson: readBertConfig };
export const roberta: Architecture<BertConfig> = { ...architecture, fromJson: readRobertaConfig };

/** Names of the head that predicts hidden tokens. */
interface HeadNames {
  readonly transform: string;
  readonly norm: string;
  readonly bias: string;
}

const headNames: Readonly<Record<BertConfig['modelType'], HeadNames>> = {
  bert: {
    transform: 'cls.predictions.transform.dense',
    norm: 'cls.predictions.transform.LayerNorm',
    bias: 'cls.predictions.bias',
  },
  roberta: { transform: 'lm_head.dense', norm: 'lm_head.layer_norm', bias: 'lm_head.bias' },
};

const wordTable = 'embeddings.word_embeddings.weight';

function createBert(config: BertConfig): LanguageModel {
  checkBertConfig(config);
  const { modelType: type } = config;
  const heads = headsOf(config);
  const specs = describeParameters(config);
  const known = new Set(specs.map(({ name }) => name));
  return {
    type,
    kind: 'encoder',
    isBare: heads === 'none',
    judgesSentences: heads === 'pre-training',
    vocabSize: config.vocabSize,
    maxLength: maxLengthOf(config),
    startOfText: config.classifyTokenId ?? config.eosTokenId,
    endOfText: config.eosTokenId,
    specialTokens: {
      pad: padOf(config),
      mask: config.maskTokenId,
      classify: config.classifyTokenId,
      separate: config.separateTokenId,
    },
    parameters: () => specs,
    forward: (b, inputs) => forward(b, config, inputs),
    cache: () => ({}),
    toJson: () => writeBertConfig(config),
    rename: (name) => rename(name, config, known),
    savedName: (name) => (heads === 'none' || /^(cls|lm_head)\./.test(name) ? name : `${type}.${name}`),
  };
}

/** A file of a larger class has heads that this one is without: they are left, as transformers leaves them. */
function rename(name: string, { modelType }: BertConfig, known: ReadonlySet<string>): string | undefined {
  const bare = name
    .replace(/^(bert|roberta)\./, '')
    .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
    .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
  if (bare === 'embeddings.position_ids' || bare === 'embeddings.token_type_ids') return undefined;
  if (/^(pooler|cls|lm_head)\./.test(bare)) {
    const tied = bare
      .replace(/^(cls\.predictions|lm_head)\.decoder\.weight$/, wordTable)
      .replace(/^(cls\.predictions|lm_head)\.decoder\.bias$/, headNames[modelType].bias);
    const hasHead = known.has(headNames[modelType].bias);
    return known.has(tied) && (tied !== wordTable || hasHead) ? tied : undefined;
  }
  return bare;
}

function forward(b: Builder, config: BertConfig, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, counter, segments, tap } = inputs;
  const { nHead, dropout, attentionDropout = dropout, activation = 'gelu', modelType } = config;
  const layers = createLayers(b, inputs, { epsilon: config.layerNormEpsilon, outFirst: true });
  const { linear: project, layerNorm: norm, drop } = layers;
  const approximate = activation === 'gelu_new';
  const activate = (x: Value) => o.gelu(b, x, { approximate });

  let x = drop(norm(embed(b, config, inputs), 'embeddings.LayerNorm'), dropout); // [B, T, C]
  tap?.('embeddings', x);
  for (let i = 0; i < config.nLayer; i++) {
    const at = `encoder.layer.${i}`;
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const [q, k, v] = ['query', 'key', 'value'].map((name) =>
          splitHeads(b, project(x, `${at}.attention.self.${name}`), nHead),
        );
        const { y } = o.attention(b, q, k, v, {
          segments: segments && [segments, segments],
          dropout: counter && { rate: attentionDropout, counter },
        });
        return o.reshape(b, y, x.shape);
      });
      const first = drop(project(mixed, `${at}.attention.output.dense`), dropout);
      const between = norm(o.add(b, x, first), `${at}.attention.output.LayerNorm`);
      const wide = activate(project(between, `${at}.intermediate.dense`));
      return norm(
        o.add(b, between, drop(project(wide, `${at}.output.dense`), dropout)),
        `${at}.output.LayerNorm`,
      );
    });
    tap?.(`block.${i}`, x);
  }
  const head = p[wordTable];
  if (headsOf(config) === 'none') return { hidden: x, head };
  const names = headNames[modelType];
  const hidden = norm(activate(project(x, names.transform)), names.norm);
  const predicted = { hidden, head, bias: p[names.bias] };
  if (headsOf(config) !== 'pre-training') return predicted;
  const [batch, , width] = x.shape;
  const first = o.reshape(b, o.slice(b, x, [0, 0, 0], [batch, 1, width]), [batch, width]);
  const pooled = o.tanh(b, project(first, 'pooler.dense'));
  const at = 'cls.seq_relationship';
  return { ...predicted, sentence: { pooled, table: p[`${at}.weight`], bias: p[`${at}.bias`] } };
}

/** Words, kinds of parts and positions, added up: [B, T, C]. */
function embed(
  b: Builder,
  config: BertConfig,
  { parameters: p, tokens, positions, tokenTypes }: ForwardInputs,
) {
  const { nEmbd: width, modelType } = config;
  const first = modelType === 'roberta' ? padOf(config) + 1 : 0;
  const types = p['embeddings.token_type_embeddings.weight'];
  const places = p['embeddings.position_embeddings.weight'];
  const length = tokens.shape[1];
  const words = o.gather(b, p[wordTable], tokens);
  const kinds = tokenTypes ? o.gather(b, types, tokenTypes) : o.slice(b, types, [0, 0], [1, width]);
  const at = positions
    ? o.gather(b, places, first === 0 ? positions : o.add(b, positions, first))
    : o.slice(b, places, [first, 0], [first + length, width]);
  return o.add(b, o.add(b, words, kinds), at);
}

function describeParameters(config: BertConfig): ParameterSpec[] {
  const { nEmbd: c, nInner = 4 * c, initializerRange: std, nLayer, vocabSize, typeVocabSize = 2 } = config;
  const dense = (name: string, from: number, to: number) =>
    linear(name, { from, to, init: std, bias: true, outFirst: true });
  const block = (i: number) => {
    const at = `encoder.layer.${i}`;
    return [
      ...['query', 'key', 'value'].flatMap((name) => dense(`${at}.attention.self.${name}`, c, c)),
      ...dense(`${at}.attention.output.dense`, c, c),
      ...layerNorm(`${at}.attention.output.LayerNorm`, c),
      ...dense(`${at}.intermediate.dense`, c, nInner),
      ...dense(`${at}.output.dense`, nInner, c),
      ...layerNorm(`${at}.output.LayerNorm`, c),
    ];
  };
  const heads = headsOf(config);
  const names = headNames[config.modelType];
  return [
    table('embeddings.word_embeddings', [vocabSize, c], std),
    table('embeddings.position_embeddings', [config.nPositions, c], std),
    table('embeddings.token_type_embeddings', [typeVocabSize, c], std),
    ...layerNorm('embeddings.LayerNorm', c),
    ...repeatBlocks(nLayer, block),
    ...(heads === 'masked' ? [] : dense('pooler.dense', c, c)),
    ...(heads === 'none'
      ? []
      : [
          ...dense(names.transform, c, c),
          ...layerNorm(names.norm, c),
          vector(names.bias, vocabSize, 'zeros'),
        ]),
    ...(heads === 'pre-training' ? dense('cls.seq_relationship', c, 2) : []),
  ];
}
