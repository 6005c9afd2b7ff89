// Extractors in Python over the same pages, in CPU seconds of their process: trafilatura and its Rust port. Left out,
// saying so on standard error, where the given environment lacks them.

import { execFileSync } from 'node:child_process';
import type { PeerReport } from './bench.ts';

const program = `
import json, sys, time
from importlib.metadata import version
pages = json.load(sys.stdin)
megabytes = sum(len(page.encode()) for page in pages) / 1e6
peers = []
try:
    from trafilatura import bare_extraction
    peers.append(('trafilatura', lambda page: bare_extraction(page, with_metadata=True)))
except ImportError: pass
try:
    import rs_trafilatura
    peers.append(('rs-trafilatura', lambda page: rs_trafilatura.extract(page).main_content))
except ImportError: pass
out = []
for name, run in peers:
    best = 1e9
    for _ in range(2):
        start = time.process_time()
        for page in pages:
            try: run(page)
            except Exception: pass
        best = min(best, time.process_time() - start)
    out.append({'name': name, 'version': version(name), 'rate': megabytes / best})
print(json.dumps(out))
`;

/** @param python an interpreter; `ours` is our rate in MB a CPU second */
export function pythonExtractors(python: string, pages: readonly string[], ours: number): PeerReport[] {
  const output = execFileSync(python, ['-c', program], { input: JSON.stringify(pages), encoding: 'utf8' });
  const rates = JSON.parse(output) as { name: string; version: string; rate: number }[];
  if (rates.length === 0) process.stderr.write(`${python} has no extractor: peers are left out\n`);
  return rates.map(({ name, version, rate }) => ({ name, version, mbPerSecond: rate, ratio: ours / rate }));
}
