// Published sizes of encoders and encoder-decoders have the parameters that transformers counts (recorded/).
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countParameters, createModel, readModelConfig } from '@gristmill/models';

const { counts } = JSON.parse(
  readFileSync(new URL('recorded/pair-parameters.json', import.meta.url), 'utf8'),
) as { counts: Record<string, [bare: number, whole: number]> };

const bert = (layers: number, width: number, heads: number) => ({
  model_type: 'bert',
  hidden_size: width,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  intermediate_size: 4 * width,
});
const roberta = (layers: number, width: number, heads: number) => ({
  ...bert(layers, width, heads),
  ...{ model_type: 'roberta', max_position_embeddings: 514, type_vocab_size: 1 },
});
const t5 = (width: number, kv: number, inner: number, layers: number, heads: number) => ({
  ...{ model_type: 't5', d_model: width, d_kv: kv, d_ff: inner, num_layers: layers, num_heads: heads },
});
const v11 = (...sizes: Parameters<typeof t5>) => ({
  ...t5(...sizes),
  ...{ feed_forward_proj: 'gated-gelu', tie_word_embeddings: false },
});
const transformer = (width: number, heads: number) => ({
  ...{ model_type: 'marian', vocab_size: 37000, d_model: width, encoder_layers: 6, decoder_layers: 6 },
  ...{ encoder_attention_heads: heads, decoder_attention_heads: heads },
  ...{ encoder_ffn_dim: 4 * width, decoder_ffn_dim: 4 * width, pad_token_id: 0, decoder_start_token_id: 0 },
});

const sizes: Readonly<Record<string, Record<string, unknown>>> = {
  'bert-base': bert(12, 768, 12),
  'bert-large': bert(24, 1024, 16),
  'roberta-base': roberta(12, 768, 12),
  'roberta-large': roberta(24, 1024, 16),
  't5-small': t5(512, 64, 2048, 6, 8),
  't5-base': t5(768, 64, 3072, 12, 12),
  't5-large': t5(1024, 64, 4096, 24, 16),
  't5-3b': t5(1024, 128, 16384, 24, 32),
  't5-11b': t5(1024, 128, 65536, 24, 128),
  't5-v1.1-small': v11(512, 64, 1024, 8, 6),
  't5-v1.1-base': v11(768, 64, 2048, 12, 12),
  't5-v1.1-large': v11(1024, 64, 2816, 24, 16),
  't5-v1.1-xl': v11(2048, 64, 5120, 24, 32),
  't5-v1.1-xxl': v11(4096, 64, 10240, 24, 64),
  'transformer-base': transformer(512, 8),
  'transformer-big': transformer(1024, 16),
};

const count = (json: Record<string, unknown>) =>
  countParameters(createModel(readModelConfig(json, 'a test')));

test('every size has the count of parameters that transformers has, as bare model and with its head', () => {
  expect(Object.keys(sizes).sort()).toEqual(Object.keys(counts).sort());
  for (const [name, json] of Object.entries(sizes)) {
    const [bare, whole] = counts[name];
    // The Transformer's bias of the vocabulary is a buffer there.
    const buffers = json.model_type === 'marian' ? 37000 : 0;
    expect(count(json) - buffers, name).toBe(whole);
    const kind = { bert: 'BertModel', roberta: 'RobertaModel' }[json.model_type as string];
    if (kind !== undefined) expect(count({ ...json, architectures: [kind] }), name).toBe(bare);
  }
});

test('the published figures are among them', () => {
  expect(counts['bert-base']).toEqual([109_482_240, 110_106_428]);
  expect(counts['bert-large'][0]).toBe(335_141_888);
  expect(counts['t5-small'][0]).toBe(60_506_624);
});
