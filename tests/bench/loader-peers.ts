// Python loaders over the same tokens in the same run, by CPU seconds: nanoGPT's way (random offsets into a memory map),
// a plain gather by NumPy, a torch DataLoader over a memory map and MosaicML streaming over samples of T tokens in MDS.
// `--peer-python` names an interpreter that has torch and mosaicml-streaming; what is not there is left out.

import { findPython, runPython } from '../python/python.ts';
import type { PeerReport } from './bench.ts';

const program = `
import json, os, sys, tempfile, time, numpy as np
folder, T, B, seconds = sys.argv[1], 1024, 16, 2.0
index = json.load(open(folder + '/index.json'))
maps = [np.memmap(f"{folder}/{s['file']}", np.uint16, 'r', s['tokensAt'], (s['tokens'],)) for s in index['shards']]
data = max(maps, key=len)
windows = (len(data) - 1) // T
rng = np.random.default_rng(0)
def get_batch():
    while True:
        at = rng.integers(0, len(data) - T - 1, B)
        x = np.stack([data[i:i + T].astype(np.int64) for i in at])
        y = np.stack([data[i + 1:i + 1 + T].astype(np.int64) for i in at])
        yield x, y
def straight():
    place = 0
    while True:
        yield np.array(data[place:place + B * T], np.int32), np.array(data[place + 1:place + 1 + B * T], np.int32)
        place = (place + B * T) % (len(data) - B * T - 1)
out = []
def measure(name, version, batches):
    for _, _ in zip(range(50), batches): pass
    start, tokens, checksum = time.process_time(), 0, 0
    for x, y in batches:
        tokens += x.size if isinstance(x, np.ndarray) else x.numel()
        checksum += int(x.reshape(-1)[0]) + int(y.reshape(-1)[-1])
        if time.process_time() - start > seconds: break
    out.append({'name': name, 'version': version, 'rate': tokens / (time.process_time() - start)})
measure("nanoGPT's get_batch over a memmap", 'numpy ' + np.__version__, get_batch())
measure('NumPy, straight', 'numpy ' + np.__version__, straight())
try:
    import torch
    torch.set_num_threads(1)
    from torch.utils.data import DataLoader, Dataset
    class Windows(Dataset):
        def __len__(self): return windows
        def __getitem__(self, i):
            row = torch.from_numpy(data[i * T:i * T + T + 1].astype(np.int64))
            return row[:-1], row[1:]
    def again(make):
        while True: yield from make()
    measure('torch DataLoader over a memmap, shuffled', 'torch ' + torch.__version__,
        again(lambda: DataLoader(Windows(), batch_size=B, shuffle=True, num_workers=0)))
    import streaming
    from streaming import MDSWriter, StreamingDataset
    samples = min(windows, 20000)
    with tempfile.TemporaryDirectory() as place:
        with MDSWriter(out=place, columns={'tokens': 'bytes'}, compression=None, size_limit=1 << 26) as writer:
            for i in range(samples): writer.write({'tokens': data[i * T:i * T + T + 1].tobytes()})
        def rows(batch):
            whole = torch.from_numpy(np.stack([np.frombuffer(x['tokens'], np.uint16).astype(np.int64) for x in batch]))
            return whole[:, :-1], whole[:, 1:]
        for shuffled in (False, True):
            dataset = StreamingDataset(local=place, shuffle=shuffled, batch_size=B, num_canonical_nodes=1)
            measure(f'MosaicML streaming, {"shuffled" if shuffled else "straight"}', 'streaming ' + streaming.__version__,
                again(lambda: DataLoader(dataset, batch_size=B, num_workers=0, collate_fn=rows)))
except ImportError as missing: print(missing, file=sys.stderr)
print(json.dumps(out))
os._exit(0) if not sys.stdout.flush() else None
`;

/** MB/s of 16-bit tokens, and our rate over theirs, both a CPU second. */
export function pythonLoaders(
  folder: string,
  ourTokensPerSecond: number,
  named: string | undefined,
): PeerReport[] {
  const python = named ?? findPython(['numpy']);
  if (python === undefined) {
    process.stderr.write('no Python with NumPy: peers are left out\n');
    return [];
  }
  const last = runPython(python, program, [folder]).trim().split('\n').at(-1)!;
  const peers = JSON.parse(last) as { name: string; version: string; rate: number }[];
  return peers.map(({ name, version, rate }) => ({
    name,
    version,
    tokensPerSecond: Math.round(rate),
    mbPerSecond: (rate * 2) / 1e6,
    ratio: ourTokensPerSecond / rate,
  }));
}
