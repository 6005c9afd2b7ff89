"""Trains a GPT on Gristmill's shards with PyTorch, on as many GPUs and machines as torchrun starts processes:

    torchrun --nproc_per_node 8 docs/torchrun_train.py corpus/tokens/ab12 --length 1024 --rows 64 --steps 1000

Each step's batch is that of `gristmill-trainer train` with microBatchSize x gradAccumSteps = ROWS; rank r takes the rows
r, r + N, r + 2N, ... of it, so the loss does not depend on the number of processes. One JSON line a step.
"""

import argparse, json, os, sys
import torch, torch.distributed as dist, torch.nn as nn, torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from token_reader import batches

p = argparse.ArgumentParser()
p.add_argument("tokens")
for name, value in dict(length=1024, rows=64, steps=1000, step=0, seed=1337, layers=12, heads=12, width=768).items():
    p.add_argument("--" + name, type=int, default=value)
p.add_argument("--rate", type=float, default=6e-4)
a = p.parse_args()
dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
rank, ranks = dist.get_rank(), dist.get_world_size()
device = f"cuda:{os.environ['LOCAL_RANK']}" if torch.cuda.is_available() else "cpu"
kind = device.split(":")[0]
vocabulary = json.load(open(os.path.join(a.tokens, "index.json"), encoding="utf-8"))["vocabSize"]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(a.width), nn.LayerNorm(a.width)
        self.qkv, self.out = nn.Linear(a.width, 3 * a.width), nn.Linear(a.width, a.width)
        self.up, self.down = nn.Linear(a.width, 4 * a.width), nn.Linear(4 * a.width, a.width)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (y.view(b, t, a.heads, c // a.heads).transpose(1, 2) for y in self.qkv(self.ln1(x)).split(c, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, c))
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, a.width), nn.Embedding(a.length, a.width)
        self.blocks, self.ln = nn.ModuleList(Block() for _ in range(a.layers)), nn.LayerNorm(a.width)
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, 0, 0.02)

    def forward(self, tokens, targets):  # the sum of the losses, in nats; a target of -1 is left out
        x = self.wte(tokens) + self.wpe.weight
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.ln(x), self.wte.weight)
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=-1, reduction="sum")


torch.manual_seed(a.seed)
model = nn.parallel.DistributedDataParallel(GPT().to(device))
optimizer = torch.optim.AdamW(model.parameters(), lr=a.rate, betas=(0.9, 0.95), weight_decay=0.1)
flow = batches(a.tokens, length=a.length, rows=a.rows, seed=a.seed, step=a.step)
for step in range(a.step + 1, a.step + a.steps + 1):
    inputs, targets, mask = next(flow)
    targets[mask == 0] = -1
    count = int(mask.sum())  # of the whole step, so that every rank divides by the same
    tokens, wanted = (torch.from_numpy(x[rank::ranks]).long().to(device) for x in (inputs, targets))
    with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
        total = model(tokens, wanted)
    (total * ranks / count).backward()  # DistributedDataParallel takes the mean over ranks
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    summed = total.detach().clone()
    dist.all_reduce(summed)
    if rank == 0:
        print(json.dumps({"step": step, "loss": summed.item() / count, "targets": count}), flush=True)
dist.destroy_process_group()
