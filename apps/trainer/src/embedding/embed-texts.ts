// Texts as vectors: the mean of the last hidden states over a text's tokens, scaled to length 1 (Reimers and Gurevych 2019),
// so that the product of two is their cosine. Texts of about equal length are taken together.

import { DataError } from '@gristmill/core';
import { buildEmbeddingProgram, type LanguageModel } from '@gristmill/models';
import type { Executable, Executor, Tensor } from '@gristmill/tensor';
import type { LoadedModel } from '../loaded-model.ts';
import { roundLength } from '../scorer.ts';
import type { TextTokenizer } from '../text-tokenizer.ts';
import type { LengthCheck } from '../too-long.ts';

export interface Embedding {
  readonly id: string;
  readonly embedding: readonly number[];
}

interface Encoded {
  readonly id: string;
  readonly tokens: readonly number[];
}

const textsAtOnce = 256;
const tokensAtOnce = 2048;

/**
 * One embedding for each text, in their order.
 * @param length says what becomes of texts that are longer than the model reads
 * @throws DataError `cannot-embed`, `text-too-long`
 */
export async function* embedTexts(
  loaded: LoadedModel,
  tokenizer: TextTokenizer,
  texts: AsyncIterable<{ readonly id: string; readonly text: string }>,
  length: LengthCheck,
): AsyncGenerator<Embedding> {
  const { model } = loaded;
  checkEmbeds(model);
  const embedAll = createEmbedder(loaded);
  let held: Encoded[] = [];
  for await (const { id, text } of texts) {
    const tokens = tokenizer.encodeWhole(text);
    if (!length.accepts(id, tokens.length)) continue;
    held.push({ id, tokens: cutTokens(tokens.length > 0 ? tokens : [model.startOfText], model) });
    if (held.length < textsAtOnce) continue;
    yield* await embedAll(held);
    held = [];
  }
  yield* await embedAll(held);
}

/** Of an encoder the last token is kept: it ends the text. */
function cutTokens(tokens: readonly number[], { kind, maxLength }: LanguageModel): readonly number[] {
  if (tokens.length <= maxLength) return tokens;
  return kind === 'encoder'
    ? [...tokens.slice(0, maxLength - 1), tokens[tokens.length - 1]]
    : tokens.slice(0, maxLength);
}

function checkEmbeds({ kind, type }: LanguageModel): void {
  if (kind !== 'encoder-decoder') return;
  throw new DataError(
    'cannot-embed',
    `a ${type} has no hidden states of one text alone`,
    'give an encoder, such as a BERT, or a decoder',
  );
}

function createEmbedder({ executor, model, parameters }: LoadedModel) {
  const compiled = new Map<string, Promise<Executable>>();
  const compile = (batch: number, length: number) => {
    const key = `${batch} ${length}`;
    const found = compiled.get(key) ?? executor.compile(buildEmbeddingProgram(model, { batch, length }));
    compiled.set(key, found);
    return found;
  };
  return async (texts: readonly Encoded[]): Promise<Embedding[]> => {
    const results = new Array<Embedding>(texts.length);
    const order = texts.map((_, i) => i).sort((a, b) => texts[a].tokens.length - texts[b].tokens.length);
    for (let from = 0; from < order.length;) {
      const length = roundLength(texts[order[from]].tokens.length, model.maxLength);
      const fitting = order.slice(from).filter((i) => texts[i].tokens.length <= length).length;
      const size = largestPower(Math.min(fitting, Math.max(1, tokensAtOnce / length)));
      const group = order.slice(from, from + size);
      const rows = group.map((i) => texts[i].tokens);
      const vectors = await embedRows({ executor, parameters }, await compile(size, length), rows, length);
      group.forEach((i, n) => (results[i] = { id: texts[i].id, embedding: vectors[n] }));
      from += size;
    }
    return results;
  };
}

const largestPower = (most: number) => 2 ** Math.floor(Math.log2(most));

async function embedRows(
  { executor, parameters }: { executor: Executor; parameters: Readonly<Record<string, Tensor>> },
  executable: Executable,
  rows: readonly (readonly number[])[],
  length: number,
): Promise<number[][]> {
  const size = rows.length * length;
  const [tokens, segments] = [new Int32Array(size), new Int32Array(size).fill(-1)];
  const shares = new Float32Array(size);
  rows.forEach((row, i) => {
    const at = i * length;
    tokens.set(row, at);
    segments.fill(0, at, at + row.length);
    shares.fill(1 / row.length, at, at + row.length);
  });
  const given = { tokens, segments, shares };
  const inputs: Record<string, Tensor> = {};
  for (const { name, value } of executable.program.inputs)
    if (Object.hasOwn(given, name))
      inputs[name] = await executor.upload(value, given[name as keyof typeof given]);
  const { embeddings } = await executor.run(executable, { ...parameters, ...inputs });
  const data = (await executor.download(embeddings)) as Float32Array;
  executor.dispose(...Object.values(inputs), embeddings);
  const width = data.length / rows.length;
  return rows.map((_, i) => normalise(data.subarray(i * width, (i + 1) * width)));
}

function normalise(vector: Float32Array): number[] {
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return Array.from(vector, (x) => (norm > 0 ? x / norm : 0));
}
