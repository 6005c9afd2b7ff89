// Losses of many sequences under fixed weights: windows are taken in batches of equal length, as many at once as there
// are, up to a number of tokens.

import { buildEvaluateProgram, type FurtherInputs, type LanguageModel } from '@gristmill/models';
import type { Executable, Executor, Tensor } from '@gristmill/tensor';

/** Inputs and, for each, the token that should follow; a negative target is not scored. Equal lengths. */
export interface ScoredWindow {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
  /** Of an encoder-decoder: what its encoder reads. */
  readonly source?: Int32Array;
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
  const compile = (batch: number, length: number, source: number, likeliest: boolean) => {
    const key = `${batch} ${length} ${source} ${likeliest}`;
    const { executor, model } = options;
    const shape = { batch, length, further: furtherInputs(model, length, source) };
    const found = compiled.get(key) ?? executor.compile(buildEvaluateProgram(model, { ...shape, likeliest }));
    compiled.set(key, found);
    return found;
  };
  const scoreAll = (windows: readonly ScoredWindow[], likeliest: boolean) =>
    inBatches(windows, options, async (batch, length) => {
      const longest = Math.max(...batch.map(({ source }) => source?.length ?? 0));
      const source = longest === 0 ? 0 : roundLength(longest, options.model.maxLength);
      const executable = await compile(batch.length, length, source, likeliest);
      return scoreBatch(options, executable, batch, { length, source });
    });
  return {
    score: async (windows) => (await scoreAll(windows, false)).map(({ losses }) => losses),
    rank: (windows) => scoreAll(windows, true) as Promise<RankedWindow[]>,
  };
}

/** Who does not look backwards alone must be told what is filler. */
function furtherInputs({ kind = 'decoder' }: LanguageModel, length: number, source: number) {
  if (kind === 'decoder') return undefined;
  const [own, other] = [length, source].map((size) => ({ shape: [size], dtype: 'i32' as const }));
  if (kind === 'encoder') return { segments: own } satisfies FurtherInputs;
  return { segments: own, encoderTokens: other, encoderSegments: other } satisfies FurtherInputs;
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
  { length, source }: { readonly length: number; readonly source: number },
): Promise<Scored[]> {
  const rows = {
    tokens: layOut(windows, (window) => window.tokens, length, 0),
    targets: layOut(windows, (window) => window.targets, length, -1),
    segments: layOut(windows, (window) => window.tokens.map(() => 0), length, -1),
    encoderTokens: layOut(windows, (window) => window.source ?? nothing, source, 0),
    encoderSegments: layOut(windows, (window) => window.source?.map(() => 0) ?? nothing, source, -1),
  };
  const inputs: Record<string, Tensor> = {};
  for (const { name, value } of executable.program.inputs)
    if (Object.hasOwn(rows, name))
      inputs[name] = await executor.upload(value, rows[name as keyof typeof rows]);
  const outputs = await executor.run(executable, { ...parameters(), ...inputs });
  const losses = (await executor.download(outputs.losses)) as Float32Array;
  const likeliest = outputs.likeliest && ((await executor.download(outputs.likeliest)) as Int32Array);
  executor.dispose(...Object.values(inputs), ...Object.values(outputs));
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

const nothing = new Int32Array(0);

function layOut(
  windows: readonly ScoredWindow[],
  of: (window: ScoredWindow) => Int32Array,
  length: number,
  filler: number,
): Int32Array {
  const all = new Int32Array(windows.length * length).fill(filler);
  windows.forEach((window, i) => all.set(of(window), i * length));
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
