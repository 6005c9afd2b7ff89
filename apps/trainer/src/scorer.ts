// Losses of many sequences under fixed weights: windows are dealt to threads in batches of equal length.

import { buildLossProgram, type ModelConfig } from '@gristmill/models';
import type { CpuBuffer, CpuEngine, Schedule } from '@gristmill/tensor';

/** Inputs and, for each, the token that should follow; a negative target is not scored. Equal lengths. */
export interface ScoredWindow {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
}

export interface Scorer {
  /** For each window the losses of its positions, in nats; 0 where the target is negative. */
  score(windows: readonly ScoredWindow[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

export interface ScorerOptions {
  readonly engine: CpuEngine;
  readonly config: ModelConfig;
  readonly parameters: ReadonlyMap<string, CpuBuffer>;
  readonly threads: number;
  /** Tokens that a thread takes at once, about. */
  readonly batchTokens?: number;
}

interface Bucket {
  readonly length: number;
  readonly batch: number;
  readonly lanes: readonly {
    readonly tokens: CpuBuffer;
    readonly targets: CpuBuffer;
    readonly losses: CpuBuffer;
  }[];
  readonly schedule: Schedule;
}

export function createScorer(options: ScorerOptions): Scorer {
  const { config } = options;
  const buckets = new Map<number, Promise<Bucket>>();
  const bucketFor = (length: number) => {
    const rounded = Math.min(config.nPositions, Math.max(16, 2 ** Math.ceil(Math.log2(length))));
    const found = buckets.get(rounded) ?? createBucket(options, rounded);
    buckets.set(rounded, found);
    return found;
  };
  return {
    async score(windows) {
      const losses = new Array<Float32Array>(windows.length);
      const order = windows
        .map((_, i) => i)
        .sort((a, b) => windows[a].tokens.length - windows[b].tokens.length || a - b);
      for (let from = 0; from < order.length;) {
        const bucket = await bucketFor(windows[order[from]].tokens.length);
        const fits = order.slice(from).findIndex((i) => windows[i].tokens.length > bucket.length);
        const room = bucket.batch * bucket.lanes.length;
        const group = order.slice(from, from + Math.min(room, fits < 0 ? room : fits));
        runGroup(bucket, group, windows, losses);
        from += group.length;
      }
      return losses;
    },
    async close() {
      for (const bucket of buckets.values()) await (await bucket).schedule.close();
    },
  };
}

async function createBucket(options: ScorerOptions, length: number): Promise<Bucket> {
  const { engine, config, parameters, threads, batchTokens = 2048 } = options;
  const batch = Math.max(1, Math.floor(batchTokens / length));
  const plan = engine.compile(buildLossProgram(config, { batch, length }));
  const lanes = Array.from({ length: threads }, () => ({
    tokens: engine.allocate({ shape: [batch, length], dtype: 'i32' }),
    targets: engine.allocate({ shape: [batch * length], dtype: 'i32' }),
    losses: engine.allocate({ shape: [batch * length, 1], dtype: 'f32' }),
  }));
  const weights = Object.fromEntries(parameters);
  const schedule = await engine.schedule([
    lanes.map(({ tokens, targets, losses }) => ({
      plan,
      inputs: { ...weights, tokens, targets },
      outputs: { losses },
    })),
  ]);
  return { length, batch, lanes, schedule };
}

function runGroup(
  { length, batch, lanes, schedule }: Bucket,
  group: readonly number[],
  windows: readonly ScoredWindow[],
  losses: Float32Array[],
): void {
  for (const lane of lanes) {
    lane.tokens.data.fill(0);
    lane.targets.data.fill(-1);
  }
  group.forEach((index, i) => {
    const lane = lanes[Math.floor(i / batch)];
    lane.tokens.data.set(windows[index].tokens, (i % batch) * length);
    lane.targets.data.set(windows[index].targets, (i % batch) * length);
  });
  schedule.run();
  group.forEach((index, i) => {
    const from = (i % batch) * length;
    const row = lanes[Math.floor(i / batch)].losses.data as Float32Array;
    losses[index] = Float32Array.from(row.subarray(from, from + windows[index].tokens.length));
  });
}

/**
 * Cuts a sequence into windows of at most `length` so that each token but the first is scored once, with at least
 * length − stride tokens before it where there are so many.
 */
export function cutWindows(sequence: ArrayLike<number>, length: number, stride: number): ScoredWindow[] {
  const windows: ScoredWindow[] = [];
  const last = sequence.length - 1; // predicted from the token before
  for (let start = 0, scored = 0; scored < last; start += stride) {
    const end = Math.min(start + length, last);
    const tokens = new Int32Array(end - start);
    const targets = new Int32Array(end - start).fill(-1);
    for (let i = 0; i < tokens.length; i++) {
      tokens[i] = sequence[start + i];
      if (start + i >= scored) targets[i] = sequence[start + i + 1];
    }
    windows.push({ tokens, targets });
    scored = end;
  }
  return windows;
}
