"""What transformers makes of encoder-decoders: losses, logits, gradients, greedy texts. One JSON object in, one out."""
import json
import sys

import torch
import transformers

given = json.load(sys.stdin)
tensor = torch.tensor


def measure(directory, kind):
    model = getattr(transformers, kind).from_pretrained(directory, attn_implementation='eager').eval()
    out = model(input_ids=tensor(given['source']), attention_mask=tensor(given['sourceMask']),
                decoder_input_ids=tensor(given['tokens']), labels=tensor(given['labels']))
    out.loss.backward()
    texts = []
    for source in given['prompts']:
        written = model.generate(tensor([source]), max_new_tokens=20, do_sample=False, num_beams=1,
                                 forced_eos_token_id=None, bad_words_ids=None)
        texts.append(written[0].tolist())
    gradients = {name: p.grad.flatten().tolist() for name, p in model.named_parameters() if p.grad is not None}
    return {'loss': out.loss.item(), 'logits': out.logits.detach().flatten().tolist(), 'texts': texts,
            'gradients': gradients}


def create(directory, kind, options):
    torch.manual_seed(1)
    config = getattr(transformers, kind.replace('ForConditionalGeneration', 'Config').replace('MTModel', 'Config'))
    model = getattr(transformers, kind)(config(**options))
    if options.get('tie_word_embeddings') is False:
        model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight))
    model.save_pretrained(directory)


def compare(first, second):
    from safetensors.torch import load_file
    a, b = (load_file(path + '/model.safetensors') for path in (first, second))
    differ = [name for name in a if name not in b or not torch.equal(a[name], b[name])]
    settings = [transformers.AutoConfig.from_pretrained(path).to_dict() for path in (first, second)]
    ours = {'_name_or_path', 'dtype', 'transformers_version', 'architectures'}
    changed = [key for key in settings[0] if key not in ours and settings[0][key] != settings[1].get(key)]
    return {'differ': differ, 'more': sorted(set(b) - set(a)), 'changed': changed}


actions = {'measure': measure, 'create': create, 'compare': compare}
print(json.dumps([actions[name](*rest) for name, *rest in given['actions']]))
