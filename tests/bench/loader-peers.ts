// Python loaders over the same tokens in the same run: nanoGPT's way (random offsets into a memory map) and a plain
// gather by NumPy. Skipped, saying so on standard error, where Python lacks NumPy.

import { findPython, runPython } from '../python/python.ts';
import type { PeerReport } from './bench.ts';

const program = `
import json, sys, time, numpy as np
folder, T, B, seconds = sys.argv[1], 1024, 16, 2.0
index = json.load(open(folder + '/index.json'))
maps = [np.memmap(f"{folder}/{s['file']}", np.uint16, 'r', s['tokensAt'], (s['tokens'],)) for s in index['shards']]
data = max(maps, key=len)
rng = np.random.default_rng(0)
def get_batch():
    at = rng.integers(0, len(data) - T - 1, B)
    x = np.stack([data[i:i + T].astype(np.int64) for i in at])
    y = np.stack([data[i + 1:i + 1 + T].astype(np.int64) for i in at])
    return x, y
def straight():
    global place
    x = np.array(data[place:place + B * T], np.int32)
    y = np.array(data[place + 1:place + 1 + B * T], np.int32)
    place = (place + B * T) % (len(data) - B * T - 1)
    return x, y
place = 0
out = []
for name, f in (("nanoGPT's get_batch over a memmap", get_batch), ('NumPy, straight', straight)):
    for _ in range(50): f()
    start, tokens, checksum = time.perf_counter(), 0, 0
    while time.perf_counter() - start < seconds:
        x, y = f(); tokens += x.size; checksum += int(x.flat[0]) + int(y.flat[-1])
    out.append({'name': name, 'rate': tokens / (time.perf_counter() - start)})
print(json.dumps({'version': np.__version__, 'peers': out}))
`;

/** MB/s of 16-bit tokens, and our rate over theirs. */
export async function pythonLoaders(folder: string, ourTokensPerSecond: number): Promise<PeerReport[]> {
  const python = findPython(['numpy']);
  if (python === undefined) {
    process.stderr.write('no Python with NumPy: peers are left out\n');
    return [];
  }
  const result = JSON.parse(runPython(python, program, [folder])) as {
    version: string;
    peers: { name: string; rate: number }[];
  };
  return result.peers.map(({ name, rate }) => ({
    name,
    version: `numpy ${result.version}`,
    mbPerSecond: (rate * 2) / 1e6,
    ratio: ourTokensPerSecond / rate,
  }));
}
