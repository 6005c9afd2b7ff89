# Losses of ten training steps by PyTorch and transformers, from weights that a formula gives.
#   node tests/models/recorded/training-cases.ts | python tests/models/recorded/record-losses.py \
#     > tests/models/recorded/losses.json
import json, sys, numpy, torch, transformers
from transformers import AutoConfig, AutoModelForCausalLM

transformers.utils.logging.set_verbosity_error()
given = json.load(sys.stdin)
training = given['training']


def first_weights(number, name, shape):
    """Even numbers in (-1, 1) by two steps of a linear congruence; norms about 1, biases about 0."""
    index = numpy.arange(1, int(numpy.prod(shape)) + 1, dtype=numpy.int64)
    state = (index * 48271 + (number + 1) * 69621) % 2147483647
    for _ in range(2):
        state = state * 16807 % 2147483647
    even = state / 2147483647 * 2 - 1
    if len(shape) > 1:
        return 0.15 * even
    return 1 + 0.1 * even if name.endswith('weight') else 0.1 * even


def train(case):
    config = AutoConfig.for_model(case['modelType'], **case['json'])
    model = AutoModelForCausalLM.from_config(config, attn_implementation='eager').train()
    named = sorted(model.named_parameters())
    with torch.no_grad():
        for number, (name, parameter) in enumerate(named):
            values = first_weights(number, name, parameter.shape).astype(numpy.float32)
            parameter.copy_(torch.from_numpy(values.reshape(parameter.shape)))
    optimizer = torch.optim.AdamW(
        [{'params': [p for _, p in named if p.dim() >= 2]},
         {'params': [p for _, p in named if p.dim() < 2], 'weight_decay': 0}],
        lr=training['learningRate'], betas=(training['beta1'], training['beta2']), eps=training['epsilon'],
        weight_decay=training['weightDecay'])
    losses = []
    for batch in given['batches']:
        ids = torch.tensor(batch)
        logits = model(ids[:, :-1]).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), training['clip'])
        optimizer.step()
        losses.append(round(loss.item(), 6))
    return losses


versions = {'transformers': transformers.__version__, 'torch': torch.__version__}
losses = {name: train(case) for name, case in given['decoders'].items()}
print(json.dumps({'versions': versions, 'losses': losses}, indent=2))
