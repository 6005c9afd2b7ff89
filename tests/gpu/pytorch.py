# The same GPT-2 in PyTorch, on the same device, fed as tests/gpu/training-step.ts feeds ours: compiled, bf16, its own
# attention kernel. The last line is one JSON object.
import argparse, json, time
import torch, torch.nn as nn, torch.nn.functional as F

p = argparse.ArgumentParser()
for name, value in dict(layers=12, heads=12, width=768, batch=16, length=1024, vocabulary=50304, steps=60).items():
    p.add_argument('--' + name, type=int, default=value)
a = p.parse_args()
device = 'cuda' if torch.cuda.is_available() else 'cpu'
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = True


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
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate='tanh'))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(a.vocabulary, a.width), nn.Embedding(a.length, a.width)
        self.blocks, self.ln = nn.ModuleList(Block() for _ in range(a.layers)), nn.LayerNorm(a.width)
        for q in self.parameters():
            if q.dim() >= 2: nn.init.normal_(q, 0, .02)

    def forward(self, tokens, targets):
        x = self.wte(tokens) + self.wpe.weight
        for block in self.blocks: x = block(x)
        return F.cross_entropy(F.linear(self.ln(x), self.wte.weight).view(-1, a.vocabulary), targets.reshape(-1))


begun = time.perf_counter()
model = GPT().to(device)
step_model = torch.compile(model) if device == 'cuda' else model
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(.9, .95), weight_decay=.1, fused=device == 'cuda')
generator = torch.Generator().manual_seed(1)
losses, started = [], 0
wait = torch.cuda.synchronize if device == 'cuda' else lambda: None
for step in range(a.steps):
    tokens = (torch.rand(a.batch, a.length, generator=generator) ** 3 * min(a.vocabulary, 50257)).long()
    targets = (tokens * 7 + 3) % min(a.vocabulary, 50257)
    with torch.autocast(device, torch.bfloat16):
        loss = step_model(tokens.to(device), targets.to(device))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    losses.append(loss.detach())
    if step == 0:
        wait(); first = time.perf_counter() - begun
    if step == min(5, a.steps - 2):
        wait(); started, counted = time.perf_counter(), step + 1
wait()
rate = (a.steps - counted) * a.batch * a.length / (time.perf_counter() - started)
peak = torch.cuda.max_memory_allocated() if device == 'cuda' else 0
print(json.dumps(dict(tokensPerSecond=round(rate), secondsToFirstStep=round(first, 2), peakMemoryMb=peak // 2**20,
    losses=[round(x.item(), 4) for x in losses], torch=torch.__version__, device=device)))
