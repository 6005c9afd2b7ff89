# Models of transformers with random weights, saved, and what they compute.
# python decoder-parity.py FOLDER make < cases.json      saves each case to FOLDER/theirs/N, prints logits, loss, gradients
# python decoder-parity.py FOLDER compare < cases.json   opens FOLDER/ours/N and says what differs from FOLDER/theirs/N
import json, sys, torch, transformers
from transformers import AutoConfig, AutoModelForCausalLM

classes = {
    'openai-gpt': 'OpenAIGPT', 'gpt2': 'GPT2', 'gpt_neo': 'GPTNeo', 'llama': 'Llama', 'qwen2': 'Qwen2',
    'mistral': 'Mistral', 'smollm3': 'SmolLM3', 'bloom': 'Bloom', 'nanochat': 'NanoChat',
}
transformers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
folder, command = sys.argv[1:]
given = json.load(sys.stdin)


def make(number, case):
    torch.manual_seed(number)
    config = getattr(transformers, classes[case['modelType']] + 'Config')(**case['json'])
    model = AutoModelForCausalLM.from_config(config, attn_implementation='eager').eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    model = model.to(getattr(torch, case.get('dtype', 'float32')))
    model.save_pretrained(f'{folder}/theirs/{number}', max_shard_size=case.get('shardSize', '1GB'))
    model = AutoModelForCausalLM.from_pretrained(
        f'{folder}/theirs/{number}', dtype=torch.float32, attn_implementation='eager').eval()
    ids = torch.tensor([given['tokens'][:case.get('length')]])
    logits = model(ids[:, :-1]).logits
    losses = torch.nn.functional.cross_entropy(logits[0], ids[0, 1:], reduction='none')
    losses.mean().backward()
    gradients = {name: p.grad.flatten().tolist() for name, p in model.named_parameters()}
    return {'logits': logits.flatten().tolist(), 'losses': losses.tolist(), 'gradients': gradients}


def compare(number, case):
    theirs, ours = (AutoModelForCausalLM.from_pretrained(f'{folder}/{whose}/{number}', dtype=torch.float32)
                    for whose in ('theirs', 'ours'))
    state = ours.state_dict()
    weights = [name for name, value in theirs.state_dict().items() if not torch.equal(value, state[name])]
    idle = {'dtype', 'architectures', '_name_or_path', 'transformers_version', 'seq_length', 'n_ctx',
            'bos_token_id', 'eos_token_id', 'pad_token_id', 'attention_layers', 'attention_types'}
    before, after = (AutoConfig.from_pretrained(f'{folder}/{whose}/{number}').to_dict() for whose in ('theirs', 'ours'))
    config = {key: [before.get(key), after.get(key)] for key in {*before, *after} - idle if before.get(key) != after.get(key)}
    return {'weights': weights, 'config': config}


print(json.dumps([{'make': make, 'compare': compare}[command](i, case) for i, case in enumerate(given['cases'])]))
