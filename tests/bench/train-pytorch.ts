// The peer of train.bench.ts that people train with: the same GPT in PyTorch, eager, AdamW and clipping, in a process
// that takes its turns with ours.

import { startPeer, type Peer } from './python-turns.ts';

const program = `
import json, resource, sys, time
import torch, torch.nn as nn, torch.nn.functional as F
shape = json.loads(sys.argv[1])
torch.set_num_threads(shape['threads'])
torch.manual_seed(1)
L, H, C, T, B, V = (shape[k] for k in ('nLayer', 'nHead', 'nEmbd', 'length', 'batch', 'vocabSize'))

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.qkv, self.out = nn.Linear(C, 3 * C), nn.Linear(C, C)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)
    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (p.view(b, t, H, C // H).transpose(1, 2) for p in self.qkv(self.ln1(x)).split(C, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, C))
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate='tanh'))

class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block() for _ in range(L))
        self.ln = nn.LayerNorm(C)
        for name, p in self.named_parameters():
            if p.dim() >= 2: nn.init.normal_(p, 0, .02)
    def forward(self, tokens, targets):
        x = self.wte(tokens) + self.wpe.weight
        for block in self.blocks: x = block(x)
        return F.cross_entropy(F.linear(self.ln(x), self.wte.weight).view(-1, V), targets.reshape(-1))

model = GPT()
opt = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(.9, .99), weight_decay=.1)
print(json.dumps({'version': torch.__version__, 'parameters': sum(p.numel() for p in model.parameters())}), flush=True)
for line in sys.stdin:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(int(line)):
        data = torch.randint(V, (B, T + 1))
        loss = model(data[:, :-1], data[:, 1:])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step()
        opt.zero_grad(set_to_none=True)
        loss.item()
    print(json.dumps({'cpuSeconds': time.process_time() - cpu, 'seconds': time.perf_counter() - wall, 'loss': loss.item(),
        'peakMemoryMb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
`;

export interface PeerShape {
  readonly nLayer: number;
  readonly nHead: number;
  readonly nEmbd: number;
  readonly length: number;
  readonly batch: number;
  readonly vocabSize: number;
  readonly threads: number;
}

/** A turn is that many steps. @param python an interpreter that has torch */
export function startPyTorch(python: string, shape: PeerShape): Promise<Peer> {
  return startPeer(python, program, shape);
}
