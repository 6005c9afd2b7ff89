// Losses of many sequences under fixed weights: windows are taken in batches of equal length, as many at once as there
// are, up to a number of tokens.

import { buildEvaluateProgram, type LanguageModel } from '@gristmill/models';
import type { Executable, Executor, Tensor } from '@gristmill/tensor';

/** Inputs and, for each, the token that should follow; a negative target is not scored. Equal lengths. */
export interface ScoredWindow {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
}

export interface Scorer {
  /** For each window the losses of its positions, in nats; 0 where the target is negative. */
  score(windows: readonly ScoredWindow[]): Promise<Float32Array[]>;
  /** The same, and the token that each position would write. */
  rank(windows: readonly ScoredWindow[]): Promise<RankedWindow[]>;
}

export interface RankedWindow {
  readonly losses: Float32Array;
  readonly likeliest: Int32Array;
}

export interface ScorerOptions {
  readonly executor: Executor;
  readonly model: LanguageModel;
  /** The parameters as they are now. */
  parameters(): Readonly<Record<string, Tensor>>;
  /** Tokens that are taken at once, at most, unless a window alone is longer. */
  readonly batchTokens?: number;
}

export function createScorer(options: ScorerOptions): Scorer {
  const compiled = new Map<string, Promise<Executable>>();
  const compile = (batch: number, length: number, likeliest: boolean): Promise<Executable> => {
    const key = `${batch} ${length} ${likeliest}`;
    const { executor, model } = options;
    const found =
      compiled.get(key) ?? executor.compile(buildEvaluateProgram(model, { batch, length, likeliest }));
    compiled.set(key, found);
    return found;
  };
  const scoreAll = (windows: readonly ScoredWindow[], likeliest: boolean) =>
    inBatches(windows, options, async (batch, length) =>
      scoreBatch(options, await compile(batch.length, length, likeliest), batch, length),
    );
  return {
    score: async (windows) => (await scoreAll(windows, false)).map(({ losses }) => losses),
    rank: (windows) => scoreAll(windows, true) as Promise<RankedWindow[]>,
  };
}

type Scored = Pick<RankedWindow, 'losses'> & Partial<RankedWindow>;

/** Scores windows of about equal length together; results in the order of the windows. */
async function inBatches(
  windows: readonly ScoredWindow[],
  { model, batchTokens = 2048 }: ScorerOptions,
  score: (batch: readonly ScoredWindow[], length: number) => Promise<Scored[]>,
): Promise<Scored[]> {
  const results = new Array<Scored>(windows.length);
  const order = windows
    .map((_, i) => i)
    .sort((a, b) => windows[a].tokens.length - windows[b].tokens.length || a - b);
  for (let from = 0; from < order.length;) {
    const length = roundLength(windows[order[from]].tokens.length, model.maxLength);
    const longer = order.findIndex((i) => windows[i].tokens.length > length);
    const fitting = (longer < 0 ? order.length : longer) - from;
    const group = order.slice(from, from + roundBatch(fitting, batchTokens / length));
    const scored = await score(
      group.map((i) => windows[i]),
      length,
    );
    group.forEach((index, i) => (results[index] = scored[i]));
    from += group.length;
  }
  return results;
}

/** Scores windows that are at most `length` long, row by row. */
async function scoreBatch(
  { executor, parameters }: ScorerOptions,
  executable: Executable,
  windows: readonly ScoredWindow[],
  length: number,
): Promise<Scored[]> {
  const batch = windows.length;
  const lay = (rows: Int32Array[], filler: number) => layOut(rows, length, filler);
  const tokens = await executor.upload(
    { shape: [batch, length], dtype: 'i32' },
    lay(
      windows.map((window) => window.tokens),
      0,
    ),
  );
  const targets = await executor.upload(
    { shape: [batch * length], dtype: 'i32' },
    lay(
      windows.map((window) => window.targets),
      -1,
    ),
  );
  const outputs = await executor.run(executable, { ...parameters(), tokens, targets });
  const losses = (await executor.download(outputs.losses)) as Float32Array;
  const likeliest = outputs.likeliest && ((await executor.download(outputs.likeliest)) as Int32Array);
  executor.dispose(tokens, targets, ...Object.values(outputs));
  return windows.map((window, i) => {
    const range = [i * length, i * length + window.tokens.length] as const;
    return { losses: losses.slice(...range), likeliest: likeliest?.slice(...range) };
  });
}

/** Programs have fixed shapes: few lengths, powers of two from 16, make few programs. */
export function roundLength(length: number, maxLength: number): number {
  return Math.min(maxLength, Math.max(16, 2 ** Math.ceil(Math.log2(length))));
}

/** The greatest power of two of at most `wanted` and `room`, at least 1. */
function roundBatch(wanted: number, room: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, Math.min(wanted, room))));
}

function layOut(rows: readonly Int32Array[], length: number, filler: number): Int32Array {
  const all = new Int32Array(rows.length * length).fill(filler);
  rows.forEach((row, i) => all.set(row, i * length));
  return all;
}

/**
 * Cuts a sequence, given in pieces, into windows of at most `length` so that each token but the first is scored once, with at least
 * length − stride tokens before it where there are so many. Holds no more than a window of the sequence.
 */
export async function* cutWindows(
  sequence: AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>,
  length: number,
  stride: number,
): AsyncGenerator<ScoredWindow> {
  let held: number[] = []; // tokens from the window's start on
  let scored = 0; // targets of the window that an earlier one has scored
  for await (const piece of sequence) {
    for (let i = 0; i < piece.length; i++) {
      held.push(piece[i]);
      if (held.length <= length) continue;
      yield windowOf(held, scored);
      held = held.slice(stride);
      scored = length - stride;
    }
  }
  if (held.length > scored + 1) yield windowOf(held, scored);
}

function windowOf(held: readonly number[], scored: number): ScoredWindow {
  const tokens = Int32Array.from(held.slice(0, -1));
  const targets = Int32Array.from(held.slice(1), (token, i) => (i < scored ? -1 : token));
  return { tokens, targets };
}
