"""What transformers makes of BERT and RoBERTa: losses, logits, gradients, files. One JSON object in, one out."""
import json
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file

given = json.load(sys.stdin)


def measure(directory, kind):
    model = getattr(transformers, kind).from_pretrained(directory, attn_implementation='eager').eval()
    tensor = lambda name: torch.tensor(given[name])
    pair = kind == 'BertForPreTraining'
    extra = {'next_sentence_label': tensor('next'), 'token_type_ids': tensor('types')} if pair else {}
    out = model(tensor('tokens'), attention_mask=tensor('mask'), labels=tensor('labels'), **extra)
    out.loss.backward()
    logits = out.prediction_logits if pair else out.logits
    return {'loss': out.loss.item(), 'logits': logits.detach().flatten().tolist(),
            'gradients': {name: p.grad.flatten().tolist() for name, p in model.named_parameters()}}


def create(directory, kind, form):
    torch.manual_seed(0)
    config = transformers.RobertaConfig if 'Roberta' in kind else transformers.BertConfig
    model = getattr(transformers, kind)(config(vocab_size=97, hidden_size=24, num_hidden_layers=2, num_attention_heads=2,
                                               intermediate_size=40, max_position_embeddings=32))
    model.save_pretrained(directory)
    if form == 'old':
        path = directory + '/model.safetensors'
        old = {name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'): t
               for name, t in load_file(path).items()}
        save_file(old, path, metadata={'format': 'pt'})


def compare(first, second):
    a, b = (load_file(path + '/model.safetensors') for path in (first, second))
    new = lambda name: name.replace('LayerNorm.gamma', 'LayerNorm.weight').replace('LayerNorm.beta', 'LayerNorm.bias')
    differ = [name for name in a if new(name) not in b or not torch.equal(a[name], b[new(name)])]
    settings = [transformers.AutoConfig.from_pretrained(path).to_dict() for path in (first, second)]
    ours = {'_name_or_path', 'dtype', 'position_embedding_type', 'transformers_version', 'sep_token_id', 'cls_token_id'}
    changed = [key for key in settings[0] if key not in ours and settings[0][key] != settings[1].get(key)]
    return {'differ': differ, 'more': sorted(set(b) - {new(name) for name in a}), 'changed': changed}


actions = {'measure': measure, 'create': create, 'compare': compare}
print(json.dumps([actions[name](*rest) for name, *rest in given['actions']]))
