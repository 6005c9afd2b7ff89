// What every benchmark takes and returns. `npm run bench -- NAME` prints the report as JSON on the last line.
export interface BenchOptions {
  /** Text or JSON lines `{text}`; a benchmark has its own default. */
  readonly input?: string;
  readonly peers: boolean;
  readonly threads: number;
  /** Any further `--name value` of the command line. */
  readonly extra: Readonly<Record<string, string>>;
}

export interface BenchReport {
  readonly name: string;
  readonly input: string;
  readonly documents: number;
  readonly megabytes: number;
  readonly mbPerSecond: number;
  readonly documentsPerSecond: number;
  readonly cpuSeconds: number;
  readonly peakMemoryMb: number;
  readonly threads: number;
  readonly peers: readonly PeerReport[];
  readonly [more: string]: unknown;
}

export interface PeerReport {
  readonly name: string;
  readonly version: string;
  readonly mbPerSecond: number;
  /** Ours divided by the peer's. */
  readonly ratio: number;
  readonly [more: string]: unknown;
}

/** A file tests/bench/NAME.bench.ts exports `bench`. */
export type Bench = (options: BenchOptions) => Promise<BenchReport>;

export interface Timing {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Runs `work` `rounds` times and gives the fastest wall time with its CPU time (all threads of the process). */
export async function time(work: () => unknown, rounds = 3): Promise<Timing> {
  let best: Timing = { seconds: Infinity, cpuSeconds: Infinity };
  for (let round = 0; round < rounds; round++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    if (seconds < best.seconds) best = { seconds, cpuSeconds: (used.user + used.system) / 1e6 };
  }
  return best;
}

export function peakMemoryMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
