# LLaVA of transformers with random weights, saved, and what it computes of an image and a text.
# python llava-parity.py FOLDER make < given.json      saves each case to FOLDER/theirs/N, prints logits, losses, gradients
# python llava-parity.py FOLDER compare < given.json   opens FOLDER/ours/N and says what differs from FOLDER/theirs/N
import json, sys, torch, transformers
from transformers import AutoConfig, CLIPVisionConfig, LlavaConfig, LlavaForConditionalGeneration

transformers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
folder, command = sys.argv[1:]
given = json.load(sys.stdin)


def make(number, case):
    torch.manual_seed(number)
    text = dict(case['text'])
    text = AutoConfig.for_model(text.pop('model_type'), **text)
    config = LlavaConfig(vision_config=CLIPVisionConfig(**case['vision']), text_config=text, **case['json'])
    model = LlavaForConditionalGeneration._from_config(config, attn_implementation='eager').eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    model.save_pretrained(f'{folder}/theirs/{number}', max_shard_size=case.get('shardSize', '1GB'))
    ids = torch.tensor(case['tokens'])
    pixels = torch.tensor(case['pixels']).reshape(len(ids), 3, case['vision']['image_size'], -1)
    logits = model(input_ids=ids[:, :-1], pixel_values=pixels).logits
    losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction='none')
    losses.sum().backward()
    saved = lambda name: name.removeprefix('model.').replace('lm_head', 'language_model.lm_head')
    gradients = {saved(name): (p.grad if p.grad is not None else torch.zeros_like(p)).flatten().tolist()
                 for name, p in model.named_parameters()}
    return {'logits': logits.flatten().tolist(), 'losses': losses.tolist(), 'gradients': gradients}


def compare(number, case):
    theirs, ours = (LlavaForConditionalGeneration.from_pretrained(f'{folder}/{whose}/{number}') for whose in ('theirs', 'ours'))
    state = ours.state_dict()
    weights = [name for name, value in theirs.state_dict().items() if not torch.equal(value, state[name])]
    idle = {'dtype', '_name_or_path', 'transformers_version', 'image_seq_length', 'architectures', 'bos_token_id',
            'eos_token_id', 'pad_token_id', 'projection_dim', 'use_cache', 'max_window_layers'}
    flat = lambda value, at='': ({at: value} if not isinstance(value, dict) else
                                 {k: v for key, inner in value.items() if key not in idle for k, v in flat(inner, f'{at}/{key}').items()})
    before, after = (flat(LlavaConfig.from_pretrained(f'{folder}/{whose}/{number}').to_dict()) for whose in ('theirs', 'ours'))
    config = {key: [before.get(key), after.get(key)] for key in {*before, *after} if before.get(key) != after.get(key)}
    return {'weights': weights, 'config': config}


print(json.dumps([{'make': make, 'compare': compare}[command](i, case) for i, case in enumerate(given)]))
