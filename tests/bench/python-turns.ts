// A peer in Python that takes its turns with ours: a process that answers a number by doing that much and saying what
// it took.

import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface PeerTurn {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly peakMemoryMb: number;
}

export interface Peer {
  readonly version: string;
  take(amount: number): Promise<PeerTurn>;
  close(): Promise<void>;
}

/**
 * Starts `program`, which prints `{version}` and then, for each line of its input, what `PeerTurn` holds, as JSON.
 * @param shape is its first argument, as JSON; `threads` of it are what its libraries may use
 */
export async function startPeer(
  python: string,
  program: string,
  shape: { readonly threads: number },
): Promise<Peer> {
  const threads = String(shape.threads);
  const child = spawn(python, ['-c', program, JSON.stringify(shape)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async <T>() => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${python} ended early: has it torch and transformers?`);
    return JSON.parse(value as string) as T;
  };
  const { version } = await read<{ version: string }>();
  return {
    version,
    async take(amount) {
      child.stdin.write(`${amount}\n`);
      return read<PeerTurn>();
    },
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
