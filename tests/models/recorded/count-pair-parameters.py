"""Counts the parameters of published sizes with transformers on the meta device: python count_parameters.py > parameter-counts.json"""
import json
import torch
import transformers as t

bert = {'base': (12, 768, 12), 'large': (24, 1024, 16)}
t5 = {'small': (512, 64, 2048, 6, 8), 'base': (768, 64, 3072, 12, 12), 'large': (1024, 64, 4096, 24, 16),
      '3b': (1024, 128, 16384, 24, 32), '11b': (1024, 128, 65536, 24, 128)}
v11 = {'small': (512, 64, 1024, 8, 6), 'base': (768, 64, 2048, 12, 12), 'large': (1024, 64, 2816, 24, 16),
       'xl': (2048, 64, 5120, 24, 32), 'xxl': (4096, 64, 10240, 24, 64)}


def count(cls, config):
    with torch.device('meta'):
        model = cls(config)
    return sum(p.numel() for p in {id(p): p for p in model.parameters()}.values())


counts = {}
for name, (layers, width, heads) in bert.items():
    config = t.BertConfig(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=4 * width)
    counts[f'bert-{name}'] = [count(t.BertModel, config), count(t.BertForPreTraining, config)]
    config = t.RobertaConfig(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=4 * width,
                             max_position_embeddings=514, type_vocab_size=1)
    counts[f'roberta-{name}'] = [count(t.RobertaModel, config), count(t.RobertaForMaskedLM, config)]
for prefix, sizes, extra in (('t5', t5, {}), ('t5-v1.1', v11, {'feed_forward_proj': 'gated-gelu', 'tie_word_embeddings': False})):
    for name, (width, kv, inner, layers, heads) in sizes.items():
        config = t.T5Config(vocab_size=32128, d_model=width, d_kv=kv, d_ff=inner, num_layers=layers, num_heads=heads, **extra)
        head = 32128 * width if extra else 0  # transformers 5 counts the head of v1.1 as tied
        counts[f'{prefix}-{name}'] = [count(t.T5Model, config), count(t.T5ForConditionalGeneration, config) + head]
base = dict(vocab_size=37000, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8, decoder_attention_heads=8,
            encoder_ffn_dim=2048, decoder_ffn_dim=2048, pad_token_id=0, decoder_start_token_id=0, max_position_embeddings=512)
big = dict(base, d_model=1024, encoder_attention_heads=16, decoder_attention_heads=16, encoder_ffn_dim=4096, decoder_ffn_dim=4096)
for name, sizes in (('base', base), ('big', big)):
    config = t.MarianConfig(**sizes)
    fixed = 2 * 512 * sizes['d_model']  # tables of sines, which no step changes
    counts[f'transformer-{name}'] = [count(t.MarianModel, config) - fixed, count(t.MarianMTModel, config) - fixed]
print(json.dumps({'transformers': t.__version__, 'torch': torch.__version__, 'counts': counts}, indent=2))
