// Small decoders of every family, as config.json says them: for whatever must hold for all.

/** The class of transformers, and what its configuration is told. `modelType` is the class's own. */
export interface SmallDecoder {
  readonly modelType: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** transformers has no class for it. */
  readonly isOurs?: boolean;
}

const still = { resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 };
const narrow = { n_embd: 24, n_layer: 2, n_head: 2, initializer_range: 0.25 };
const gpt2 = { vocab_size: 61, n_positions: 32, ...narrow, ...still };
const tokens = { vocab_size: 61, bos_token_id: 1, eos_token_id: 2, pad_token_id: null };
const wide = { hidden_size: 24, num_hidden_layers: 2, initializer_range: 0.25, max_position_embeddings: 32 };
const llama = { ...tokens, ...wide, num_attention_heads: 4, num_key_value_heads: 2, intermediate_size: 40 };
const rope = (rope_type: string, more: object) => ({
  rope_parameters: { rope_type, rope_theta: 50, ...more },
});
const neo = { vocab_size: 61, max_position_embeddings: 32, hidden_size: 24, num_layers: 3, num_heads: 2 };
const bloom = { ...tokens, hidden_size: 24, n_layer: 2, n_head: 2, initializer_range: 0.25, seq_length: 32 };
const nanochat = {
  ...llama,
  num_hidden_layers: 5,
  head_dim: 8,
  rope_parameters: { rope_type: 'default', rope_theta: 50 },
};

export const smallDecoders: Readonly<Record<string, SmallDecoder>> = {
  'GPT-1': { modelType: 'openai-gpt', json: gpt2 },
  'GPT-1 with a head of its own': { modelType: 'openai-gpt', json: { ...gpt2, tie_word_embeddings: false } },
  'GPT-2': { modelType: 'gpt2', json: gpt2 },
  'GPT-2 of 11 positions': {
    modelType: 'gpt2',
    json: { ...gpt2, vocab_size: 37, n_positions: 11, n_head: 3 },
  },
  'GPT-3 with windows': { modelType: 'gpt3', json: { ...gpt2, window_size: 5 }, isOurs: true },
  'GPT-Neo': {
    modelType: 'gpt_neo',
    json: {
      ...neo,
      window_size: 5,
      attention_types: [
        [['global', 'local'], 1],
        [['local'], 1],
      ],
      initializer_range: 0.25,
    },
  },
  LLaMA: { modelType: 'llama', json: llama },
  'LLaMA tied, with biases': {
    modelType: 'llama',
    json: { ...llama, tie_word_embeddings: true, attention_bias: true, mlp_bias: true },
  },
  'LLaMA with wide heads': { modelType: 'llama', json: { ...llama, head_dim: 10, eos_token_id: [2, 5] } },
  'LLaMA stretched linearly': { modelType: 'llama', json: { ...llama, ...rope('linear', { factor: 4 }) } },
  'LLaMA stretched by NTK': {
    modelType: 'llama',
    json: { ...llama, max_position_embeddings: 16, ...rope('dynamic', { factor: 2 }) },
  },
  'LLaMA stretched by YaRN': {
    modelType: 'llama',
    json: {
      ...llama,
      ...rope('yarn', { factor: 4, original_max_position_embeddings: 8, beta_fast: 2, beta_slow: 0.25 }),
    },
  },
  'LLaMA stretched as Llama 3': {
    modelType: 'llama',
    json: {
      ...llama,
      ...rope('llama3', {
        factor: 4,
        original_max_position_embeddings: 8,
        low_freq_factor: 0.5,
        high_freq_factor: 1.5,
      }),
    },
  },
  'Qwen 2': { modelType: 'qwen2', json: llama },
  'Qwen 2 with a window': {
    modelType: 'qwen2',
    json: { ...llama, use_sliding_window: true, sliding_window: 5, max_window_layers: 1 },
  },
  Mistral: { modelType: 'mistral', json: { ...llama, sliding_window: 6 } },
  SmolLM3: { modelType: 'smollm3', json: { ...llama, num_hidden_layers: 5, no_rope_layer_interval: 4 } },
  BLOOM: { modelType: 'bloom', json: bloom },
  'BLOOM of three heads': { modelType: 'bloom', json: { ...bloom, n_head: 3 } },
  nanochat: { modelType: 'nanochat', json: { ...nanochat, final_logit_softcapping: 2.5 } },
  'nanochat with windows': {
    modelType: 'nanochat_windowed',
    json: { ...nanochat, window_size: 5, final_logit_softcapping: 2.5 },
    isOurs: true,
  },
};
