// Decoding: GPT-2 (124M unless --model names another preset), a prompt of 128 tokens and 128 tokens written greedily with
// a cache. With --peers and --peer-python, an interpreter that has it, transformers writes the same from the same
// weights, in turns with ours on as many threads; what both write is compared.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { createModel, initialise, presets, writeModel } from '@gristmill/models';
import { generateTokens, loadModel } from '@gristmill/trainer';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type Timing } from './bench.ts';
import { startPeer, type PeerTurn } from './python-turns.ts';

const program = `
import json, sys, time
import torch, transformers
given = json.loads(sys.argv[1])
torch.set_num_threads(given['threads'])
model = transformers.GPT2LMHeadModel.from_pretrained(given['directory']).eval()
prompt = torch.tensor([given['prompt']])
print(json.dumps({'version': transformers.__version__ + ' on torch ' + torch.__version__}), flush=True)
for line in sys.stdin:
    cpu, wall = time.process_time(), time.perf_counter()
    with torch.inference_mode():
        out = model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False, use_cache=True,
                             max_new_tokens=int(line), min_new_tokens=int(line), pad_token_id=0)
    print(json.dumps({'cpuSeconds': time.process_time() - cpu, 'seconds': time.perf_counter() - wall,
                      'tokens': out[0, prompt.shape[1]:].tolist()}), flush=True)
`;

interface WrittenTurn extends PeerTurn {
  readonly tokens: readonly number[];
}

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { model: name = 'gpt2-124m', prompt: promptLength = '128', tokens: written = '128' } = options.extra;
  const rounds = Number(options.extra.rounds ?? 3);
  const vocabSize = 50_257;
  const directory = mkdtempSync(join(tmpdir(), 'gristmill-generate-'));
  try {
    const model = createModel({ ...presets[name].model, vocabSize, eosTokenId: vocabSize - 1 });
    const specs = model.parameters();
    // Wider than at the start of training, so that the likeliest token is clearly so.
    const weights = (wanted: string) => {
      const at = specs.findIndex((spec) => spec.name === wanted);
      return initialise(specs[at], at, 1).map((value) => (specs[at].role === 'vector' ? value : value * 3));
    };
    await writeModel(directory, { model }, weights);
    const random = createRandom(1);
    const prompt = Array.from({ length: Number(promptLength) }, () => Math.floor(random() * (vocabSize - 1)));
    const ours = await loadModel(directory, { name: 'cpu', threads: options.threads });
    const write = async (): Promise<number[]> => {
      const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0, maxTokens: Number(written) };
      const all: number[] = [];
      for await (const token of generateTokens(ours, prompt, greedy)) all.push(token);
      return all;
    };
    const python = options.peers ? options.extra['peer-python'] : undefined;
    const peer = python
      ? await startPeer(python, program, { threads: options.threads, ...{ directory, prompt } })
      : undefined;
    let text: number[] = [];
    const turns = { ours: [] as Timing[], peer: [] as Timing[] };
    let theirs: readonly number[] = [];
    for (let round = 0; round < rounds + 1; round++) {
      const own = await time(async () => (text = await write()), 1);
      const other = (await peer?.take(Number(written))) as WrittenTurn | undefined;
      if (round === 0) continue; // compiles, and wakes caches
      turns.ours.push(own);
      if (other) turns.peer.push(other);
      theirs = other?.tokens ?? [];
    }
    await peer?.close();
    await ours.close();
    const perCpuSecond = (timings: readonly Timing[]) =>
      text.length / Math.min(...timings.map(({ cpuSeconds }) => cpuSeconds));
    const seconds = Math.min(...turns.ours.map((turn) => turn.seconds));
    const same = theirs.findIndex((token, i) => token !== text[i]);
    return {
      name: 'generate',
      input: `${prompt.length} seeded tokens, ${text.length} written`,
      model: name,
      documents: 1,
      megabytes: text.length / 1e6,
      mbPerSecond: text.length / 1e6 / seconds,
      documentsPerSecond: 1 / seconds,
      tokensPerSecond: text.length / seconds,
      tokensPerCpuSecond: perCpuSecond(turns.ours),
      cpuSeconds: Math.min(...turns.ours.map(({ cpuSeconds }) => cpuSeconds)),
      peakMemoryMb: peakMemoryMb(),
      threads: options.threads,
      peers: peer
        ? [
            {
              name: 'transformers',
              version: peer.version,
              mbPerSecond: text.length / 1e6 / Math.min(...turns.peer.map((turn) => turn.seconds)),
              ratio: perCpuSecond(turns.ours) / perCpuSecond(turns.peer),
              // Greedy tokens that both wrote before they first differ, if they do.
              ...{ tokensPerCpuSecond: perCpuSecond(turns.peer), sameTokens: same < 0 ? text.length : same },
            },
          ]
        : [],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
