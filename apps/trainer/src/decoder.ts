// Decoding one sequence with a cache of keys and values: what the cache holds already is not computed again. Of an
// encoder-decoder the source is encoded once, and an image is seen once.

import {
  buildDecodeProgram,
  buildEncodeProgram,
  buildSeeProgram,
  type LanguageModel,
} from '@gristmill/models';
import type { Executable, Executor, Tensor } from '@gristmill/tensor';
import { roundLength } from './scorer.ts';

export interface Decoder {
  /**
   * Logits of the token after these. Tokens that begin as those of the call before did cost only what is new.
   * @param tokens 1 to maxLength
   * @param prefix of a model that sees its prompt: so many first tokens see each other
   */
  next(tokens: readonly number[], prefix?: number): Promise<Float32Array>;
  /** How many of these tokens, from the first on, need not be computed again. */
  countHeld(tokens: readonly number[]): number;
  close(): void;
}

/** Compiled programs by the tokens that they take at once. */
export type DecoderPrograms = Map<number, Promise<Executable>>;

export interface DecoderOptions {
  readonly executor: Executor;
  readonly model: LanguageModel;
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** Positions that are cached at most. Default: the model's longest sequence. */
  readonly capacity?: number;
  /** Of an encoder-decoder: what its encoder reads. */
  readonly source?: readonly number[];
  /** Shared by decoders of the same capacity and source; who made it frees what is in it. */
  readonly programs?: DecoderPrograms;
  /** Of a model that sees: [3, S, S]; its image token stands for the image's positions, one after the other. */
  readonly pixels?: Float32Array;
  /** Tokens of a prompt see each other. Default no. */
  readonly seesPrompt?: boolean;
}

export async function createDecoder(options: DecoderOptions): Promise<Decoder> {
  const { executor, model, parameters, capacity = model.maxLength, seesPrompt = false } = options;
  const source = options.source && (await encodeSource(options, options.source));
  const seen = options.pixels && (await seeImage(options, options.pixels));
  const compiled: DecoderPrograms = options.programs ?? new Map();
  const compile = (length: number) => {
    const known = compiled.get(length);
    if (known) return known;
    const shape = { length, capacity, encoded: source?.outputs, seen, hasPrefix: seesPrompt };
    const { program, donate } = buildDecodeProgram(model, shape);
    const executable = executor.compile(program, { donate });
    compiled.set(length, executable);
    return executable;
  };
  let cache: Record<string, Tensor> = {};
  for (const [name, type] of Object.entries(model.cache(1, capacity)))
    cache[name] = await executor.allocate(type);
  let held: number[] = []; // tokens in the cache
  let whole = 0; // so many of them saw each other

  /** Adds tokens to the cache; logits after the last of them. */
  async function feed(tokens: readonly number[]): Promise<Tensor> {
    const room = capacity - held.length;
    // What sees itself whole is fed at once.
    const length =
      held.length < whole ? Math.min(room, lengthFor(tokens.length)) : lengthFor(tokens.length, room);
    const padded = new Int32Array(length);
    padded.set(tokens.slice(0, length));
    const fed = Math.min(tokens.length, length);
    const inputs = {
      tokens: await executor.upload({ shape: [1, length], dtype: 'i32' }, padded),
      start: await executor.upload({ shape: [], dtype: 'i32' }, [held.length]),
      position: await executor.upload({ shape: [1], dtype: 'i32' }, [fed - 1]),
      ...(seesPrompt && { prefix: await executor.upload({ shape: [1], dtype: 'i32' }, [whole]) }),
      ...(seen && {
        imagePlaces: await executor.upload({ shape: [1, length], dtype: 'i32' }, placesOf(padded)),
      }),
    };
    const { logits, ...next } = await executor.run(await compile(length), {
      ...parameters,
      ...cache,
      ...source?.tensors,
      ...(seen && { seen }),
      ...inputs,
    });
    cache = next;
    held = [...held, ...tokens.slice(0, fed)];
    executor.dispose(...Object.values(inputs));
    if (fed === tokens.length) return logits;
    executor.dispose(logits);
    return feed(tokens.slice(fed));
  }

  /** Which position of the image each of these tokens stands for, those in the cache coming first. */
  function placesOf(tokens: Int32Array): Int32Array {
    const isImage = (token: number) => token === model.specialTokens?.image;
    let next = held.filter(isImage).length;
    return tokens.map((token) => (isImage(token) ? next++ : -1));
  }

  return {
    async next(tokens, prefix = 0) {
      // The last token is always fed: its logits are wanted. What saw another prompt is of no use.
      const isKept = prefix === whole && held.length >= whole;
      const same = isKept ? countSame(held, tokens.slice(0, -1)) : 0;
      whole = prefix;
      held = held.slice(0, same >= prefix ? same : 0); // what lies after it in the cache is overwritten before it is seen
      const logits = await feed(tokens.slice(held.length));
      const result = (await executor.download(logits)) as Float32Array;
      executor.dispose(logits);
      return result;
    },
    countHeld: (tokens) => countSame(held, tokens),
    close() {
      executor.dispose(...Object.values(cache), ...Object.values(source?.tensors ?? {}));
      if (seen) executor.dispose(seen);
      if (!options.programs) freePrograms(executor, compiled);
    },
  };
}

export function freePrograms(executor: Executor, programs: DecoderPrograms): void {
  for (const executable of programs.values()) executable.then(executor.dispose, () => {});
}

/** What a model makes of an image, f32 [1, tokens of an image, C]. */
async function seeImage(
  { executor, model, parameters }: DecoderOptions,
  pixels: Float32Array,
): Promise<Tensor> {
  const program = buildSeeProgram(model);
  const { value } = program.inputs.find(({ name }) => name === 'pixels')!;
  const image = await executor.upload(value, pixels);
  const executable = await executor.compile(program);
  const { seen } = await executor.run(executable, { ...parameters, pixels: image });
  executor.dispose(image, executable);
  return seen;
}

/** What the decoder's blocks read of a text, and which places of it are filler. */
async function encodeSource({ executor, model, parameters }: DecoderOptions, source: readonly number[]) {
  const length = roundLength(source.length, model.maxLength);
  const program = buildEncodeProgram(model, length);
  const type = { shape: [1, length], dtype: 'i32' } as const;
  const [tokens, segments] = [new Int32Array(length), new Int32Array(length).fill(-1)];
  tokens.set(source.slice(0, length));
  segments.fill(0, 0, source.length);
  const encoderTokens = await executor.upload(type, tokens);
  const encoderSegments = await executor.upload(type, segments);
  const executable = await executor.compile(program);
  const state = await executor.run(executable, { ...parameters, encoderTokens, encoderSegments });
  executor.dispose(encoderTokens, executable);
  return { outputs: program.outputs, tensors: { ...state, encoderSegments } };
}

function countSame(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

/** How many positions to compute at once: one, or a power of two, since few lengths make few programs. */
function lengthFor(tokens: number, room = Infinity): number {
  if (tokens === 1) return 1;
  const wanted = Math.max(16, 2 ** Math.ceil(Math.log2(tokens)));
  return wanted <= room ? wanted : 2 ** Math.floor(Math.log2(room));
}
