// Decoding with a cache, tokens a CPU-second: GPT-2 124M with weights drawn at random, a prompt of 128 tokens and 128 more,
// greedy. With --peers and --peer-python transformers does the same on as many threads; turns alternate.
import { createModel, presets, type ModelConfig } from '@gristmill/models';
import { openCpuExecutor, type Tensor } from '@gristmill/tensor';
import { createDecoder, sampleToken } from '@gristmill/trainer';
import {
  peakMemoryMb,
  time,
  type BenchOptions,
  type BenchReport,
  type PeerReport,
  type Timing,
} from './bench.ts';
import { startPeer } from './python-turns.ts';

const [promptLength, newTokens, vocabSize] = [128, 128, 50_257];

const program = `
import json, resource, sys, time
import torch, transformers
shape = json.loads(sys.argv[1])
torch.set_num_threads(shape['threads'])
torch.manual_seed(1)
model = transformers.GPT2LMHeadModel(transformers.GPT2Config()).eval()
prompt = torch.randint(50257, (1, shape['promptLength']))
print(json.dumps({'version': transformers.__version__ + ' on torch ' + torch.__version__}), flush=True)
for line in sys.stdin:
    cpu, wall = time.process_time(), time.perf_counter()
    with torch.no_grad():
        model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=int(line), min_new_tokens=int(line), do_sample=False, pad_token_id=0)
    print(json.dumps({'cpuSeconds': time.process_time() - cpu, 'seconds': time.perf_counter() - wall,
        'peakMemoryMb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
`;

export async function bench({ threads, peers: wanted, extra }: BenchOptions): Promise<BenchReport> {
  const rounds = Number(extra.rounds ?? 3);
  const generate = await createGenerator(threads);
  await generate(4);
  const python = wanted ? extra['peer-python'] : undefined;
  const peer = python ? await startPeer(python, program, { threads, ...{ promptLength } }) : undefined;
  await peer?.take(4);
  const turns = { ours: [] as Timing[], peer: [] as Timing[] };
  for (let round = 0; round < rounds; round++) {
    turns.ours.push(await time(() => generate(newTokens), 1));
    if (peer) turns.peer.push(await peer.take(newTokens));
  }
  await peer?.close();
  const rate = ({ cpuSeconds }: Timing) => newTokens / cpuSeconds;
  const median = (timings: readonly Timing[]) =>
    timings.map(rate).toSorted((a, b) => a - b)[timings.length >> 1];
  const tokensPerCpuSecond = median(turns.ours);
  const peers: PeerReport[] = peer
    ? [
        {
          name: 'transformers',
          version: peer.version,
          mbPerSecond: 0,
          ratio: tokensPerCpuSecond / median(turns.peer),
          ...{ rounds: turns.peer.map(rate) },
        },
      ]
    : [];
  const { seconds, cpuSeconds } = turns.ours[turns.ours.length >> 1];
  return {
    name: 'generate',
    input: `a prompt of ${promptLength} tokens`,
    documents: 1,
    megabytes: 0,
    mbPerSecond: 0,
    documentsPerSecond: 1 / seconds,
    tokensPerSecond: newTokens / seconds,
    tokensPerCpuSecond,
    rounds: turns.ours.map(rate),
    cpuSeconds,
    peakMemoryMb: peakMemoryMb(),
    threads,
    peers,
  };
}

async function createGenerator(threads: number) {
  const config = { ...presets['gpt2-124m'].model, vocabSize, eosTokenId: 0 } as ModelConfig;
  const model = createModel(config);
  const executor = openCpuExecutor({ threads });
  const parameters: Record<string, Tensor> = {};
  for (const { name, shape } of model.parameters()) {
    const size = shape.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: size }, () => (Math.random() - 0.5) * 0.07);
    parameters[name] = await executor.upload({ shape, dtype: 'f32' }, data);
  }
  const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0 };
  const decoder = await createDecoder({ executor, model, parameters, capacity: promptLength + newTokens });
  return async (count: number) => {
    const tokens = Array.from({ length: promptLength }, () => Math.floor(Math.random() * vocabSize));
    for (let n = 0; n < count; n++) tokens.push(sampleToken(await decoder.next(tokens), greedy, 0));
  };
}
