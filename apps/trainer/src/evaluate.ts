// Perplexity and bits per byte. Shards are scored as one stream, document after document in the order of the shards,
// each ended by its end-of-text token, which counts; that is what a compressor sees too. Items of a file are scored one
// by one, each after an end-of-text token. Windows overlap by half, so a token has at least half a window before it.
// Models that do not read from left to right alone are asked document by document (asked-windows.ts).

import { openTokens, type ReadDocument } from '@gristmill/shards';
import { DataError } from '@gristmill/core';
import { askOf, type AskedDocument } from './asked-windows.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { TextItem } from './read-texts.ts';
import { cutWindows, type ScoredWindow } from './scorer.ts';
import type { TextTokenizer } from './text-tokenizer.ts';

/** What `evaluate` prints. */
export interface Evaluation {
  readonly task: string;
  readonly items: number;
  readonly tokens: number;
  /** UTF-8 bytes of the texts, without the end-of-text tokens; of an encoder-decoder those that it is to tell. */
  readonly bytes: number;
  /** Nats a token. */
  readonly loss: number;
  /** Of an encoder over tokens that it was not shown (pseudo-perplexity). */
  readonly perplexity: number;
  /** Absent where losses are no length of a code for the texts: hidden tokens, spans. */
  readonly bitsPerByte?: number;
  readonly excluded: number;
}

/** What was measured of one item. */
export interface ItemLoss {
  readonly id: string;
  /** Of a document of shards, or of an item that names one. */
  readonly source?: string;
  readonly tokens: number;
  readonly bytes: number;
  /** Nats over all its tokens. */
  readonly loss: number;
  /** The losses are no length of a code for the text. */
  readonly isNoCode?: boolean;
}

const windowsAtOnce = 256;

/**
 * Scores each item on its own.
 * @param isLeftOut such items are passed by
 */
export async function* evaluateItems(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  items: AsyncIterable<TextItem>,
  isLeftOut: (text: string) => boolean = () => false,
): AsyncGenerator<ItemLoss> {
  const { startOfText, endOfText, kind = 'decoder' } = model.model;
  for await (const { id, text, context, source } of items) {
    if (isLeftOut(text)) continue;
    const named = source === undefined ? { id } : { id, source };
    if (kind !== 'decoder') {
      const encoded = context === undefined ? {} : { context: tokenizer.encode(context) };
      const document = { tokens: tokenizer.encode(text), ...encoded };
      yield { ...named, ...(await measure(model, tokenizer, document)) };
      continue;
    }
    const tokens = [startOfText, ...tokenizer.encode(text), endOfText];
    let loss = 0;
    await forEachLoss(model, [tokens], (one) => (loss += one));
    yield { ...named, tokens: tokens.length - 1, bytes: Buffer.byteLength(text), loss };
  }
}

export interface SplitOptions {
  /** Default validation. */
  readonly split?: string;
  /** Ids of documents that are passed by and counted. */
  readonly leftOut?: ReadonlySet<string>;
}

/** Scores a split of a folder of shards as one stream; what each document has of it. */
export async function evaluateShards(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  shards: string,
  { split = 'validation', leftOut = new Set() }: SplitOptions = {},
): Promise<{ readonly documents: readonly ItemLoss[]; readonly excluded: number }> {
  const tokens = await openTokens(shards);
  const { index } = tokens;
  checkVocabulary(model, index.vocabSize);
  let excluded = 0;
  async function* readDocuments(): AsyncGenerator<SplitDocument> {
    for (const shard of index.shards.filter((one) => one.split === split)) {
      for await (const document of tokens.documents(shard)) {
        if (leftOut.has(document.id)) excluded++;
        else yield { ...document, source: shard.source };
      }
    }
  }
  const documents =
    (model.model.kind ?? 'decoder') === 'decoder'
      ? await measureStream(model, tokenizer, index.endOfText, readDocuments())
      : await measureEach(model, tokenizer, readDocuments());
  return { documents, excluded };
}

type SplitDocument = ReadDocument & { readonly source: string };
type Measured = Omit<ItemLoss, 'id' | 'source'>;

async function measureStream(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  endOfText: number,
  documents: AsyncIterable<SplitDocument>,
): Promise<ItemLoss[]> {
  const measured: (ItemLoss & { loss: number })[] = [];
  async function* readStream(): AsyncGenerator<ArrayLike<number>> {
    yield [endOfText];
    for await (const { id, source, tokens } of documents) {
      const bytes = tokenizer.countBytes(tokens.slice(0, -1));
      measured.push({ id, source, tokens: tokens.length, bytes, loss: 0 });
      yield tokens;
    }
  }
  // Losses come in the order of the tokens: each belongs to the document whose tokens are not yet all told.
  let [at, told] = [0, 0];
  await forEachLoss(model, readStream(), (loss) => {
    measured[at].loss += loss;
    if (++told < measured[at].tokens) return;
    at++;
    told = 0;
  });
  return measured;
}

/** Documents of two parts, told apart by a loss mask, are a context and a text. */
async function measureEach(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  documents: AsyncIterable<SplitDocument>,
): Promise<ItemLoss[]> {
  const all: ItemLoss[] = [];
  for await (const { id, source, tokens, lossMask } of documents) {
    const text = Array.from(tokens.slice(0, -1));
    const isTold = (_: number, i: number) => lossMask?.[i] !== 0;
    const isPair = lossMask !== undefined && model.model.kind === 'encoder-decoder';
    const document = isPair
      ? { tokens: text.filter(isTold), context: text.filter((token, i) => !isTold(token, i)) }
      : { tokens: text };
    all.push({ id, source, ...(await measure(model, tokenizer, document)) });
  }
  return all;
}

async function measure(
  { model, scorer }: LoadedModel,
  tokenizer: TextTokenizer,
  document: AskedDocument,
): Promise<Measured> {
  const { windows, coded } = askOf(model, tokenizer, document);
  const losses = await scorer.score(windows);
  return {
    tokens: windows.reduce((sum, { targets }) => sum + targets.filter((target) => target >= 0).length, 0),
    bytes: tokenizer.countBytes(coded ?? document.tokens),
    loss: losses.reduce((sum, row) => sum + row.reduce((all, loss) => all + loss, 0), 0),
    ...(coded === undefined ? { isNoCode: true } : {}),
  };
}

function checkVocabulary({ model }: LoadedModel, vocabSize: number): void {
  // Tokens past the shards' are the model's own: a mask, sentinels.
  if (model.vocabSize === vocabSize || (model.specialTokens && model.vocabSize > vocabSize)) return;
  throw new DataError(
    'vocabulary-differs',
    `the model has ${model.vocabSize} tokens, the shards ${vocabSize}`,
    'give the shards that the model was trained on, or text by --data',
  );
}

/** The losses of all tokens of a sequence but its first, in their order; no more than some windows of it are held. */
async function forEachLoss(
  { model: { maxLength }, scorer }: LoadedModel,
  pieces: AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>,
  take: (loss: number) => void,
): Promise<void> {
  let windows: ScoredWindow[] = [];
  const scoreAll = async () => {
    for (const [n, losses] of (await scorer.score(windows)).entries())
      losses.forEach((loss, i) => windows[n].targets[i] >= 0 && take(loss));
    windows = [];
  };
  for await (const window of cutWindows(pieces, maxLength, Math.max(1, maxLength >> 1))) {
    windows.push(window);
    if (windows.length === windowsAtOnce) await scoreAll();
  }
  await scoreAll();
}

/** Adds up what was measured. @throws DataError `nothing-to-evaluate`, `wrong-kind` for bits of what is no code */
export function summarise(
  task: string,
  results: readonly ItemLoss[],
  { items = results.length, excluded = 0 }: { items?: number; excluded?: number } = {},
): Evaluation {
  const add = (of: (result: ItemLoss) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const [tokens, bytes, nats] = [add((r) => r.tokens), add((r) => r.bytes), add((r) => r.loss)];
  if (tokens === 0 || bytes === 0)
    throw new DataError(
      'nothing-to-evaluate',
      'there is no text to evaluate on',
      'give a file or a split that is not empty',
    );
  const isNoCode = results.some((result) => result.isNoCode);
  if (isNoCode && task === 'bits-per-byte')
    throw new DataError(
      'wrong-kind',
      'losses of hidden tokens are no length of a code for a text, so there are no bits per byte',
      'take --task perplexity, or a decoder',
    );
  const loss = nats / tokens;
  return {
    task,
    items,
    tokens,
    bytes,
    loss,
    perplexity: Math.exp(loss),
    ...(isNoCode ? {} : { bitsPerByte: nats / Math.LN2 / bytes }),
    excluded,
  };
}
