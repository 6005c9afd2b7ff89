// Perplexity and bits per byte. Shards are scored as one stream, document after document in the order of the shards,
// each ended by its end-of-text token, which counts; that is what a compressor sees too. Items of a file are scored one
// by one, each after an end-of-text token. Windows overlap by half, so a token has at least half a window before it.

import { openTokens } from '@gristmill/shards';
import { DataError } from '@gristmill/core';
import type { LanguageModel } from '@gristmill/models';
import type { LoadedModel } from './loaded-model.ts';
import { cutWindows, type ScoredWindow } from './scorer.ts';
import type { TextTokenizer } from './text-tokenizer.ts';

/** What `evaluate` prints. */
export interface Evaluation {
  readonly task: string;
  readonly items: number;
  readonly tokens: number;
  /** UTF-8 bytes of the texts, without the end-of-text tokens. */
  readonly bytes: number;
  /** Nats a token. */
  readonly loss: number;
  readonly perplexity: number;
  readonly bitsPerByte: number;
  readonly excluded: number;
}

/** What was measured of one item. */
export interface ItemLoss {
  readonly id: string;
  readonly tokens: number;
  readonly bytes: number;
  /** Nats over all its tokens. */
  readonly loss: number;
}

const windowsAtOnce = 256;

/**
 * Scores each item on its own.
 * @param isLeftOut such items are passed by
 */
export async function* evaluateItems(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  items: AsyncIterable<{ id: string; text: string }>,
  isLeftOut: (text: string) => boolean = () => false,
): AsyncGenerator<ItemLoss> {
  checkReads(model.model);
  const { startOfText, endOfText } = model.model;
  for await (const { id, text } of items) {
    if (isLeftOut(text)) continue;
    const tokens = [startOfText, ...tokenizer.encode(text), endOfText];
    const loss = await sumLosses(model, [tokens]);
    yield { id, tokens: tokens.length - 1, bytes: Buffer.byteLength(text), loss };
  }
}

export interface SplitOptions {
  /** Default validation. */
  readonly split?: string;
  /** Ids of documents that are passed by and counted. */
  readonly leftOut?: ReadonlySet<string>;
}

/** Scores a split of a folder of shards as one stream; one result for all of it. */
export async function evaluateShards(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  shards: string,
  { split = 'validation', leftOut = new Set() }: SplitOptions = {},
): Promise<ItemLoss & { documents: number; excluded: number }> {
  const tokens = await openTokens(shards);
  const { index } = tokens;
  checkReads(model.model);
  checkVocabulary(model, index.vocabSize);
  const counts = { tokens: 0, bytes: 0, documents: 0, excluded: 0 };
  async function* readStream(): AsyncGenerator<ArrayLike<number>> {
    yield [index.endOfText];
    for (const shard of index.shards.filter((one) => one.split === split)) {
      for await (const document of tokens.documents(shard)) {
        if (leftOut.has(document.id)) {
          counts.excluded++;
          continue;
        }
        counts.documents++;
        counts.tokens += document.tokens.length;
        counts.bytes += tokenizer.countBytes(document.tokens.subarray(0, -1));
        yield document.tokens;
      }
    }
  }
  const loss = await sumLosses(model, readStream());
  return { id: split, ...counts, loss };
}

/** @throws DataError `wrong-kind` for a model whose losses are no text's */
function checkReads({ kind = 'decoder', type }: LanguageModel): void {
  if (kind === 'decoder') return;
  throw new DataError(
    'wrong-kind',
    `a ${type} does not tell each token of a text from those before it, so it has no perplexity`,
    'give a decoder; score ranks texts by other models too',
  );
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

/** Nats over all tokens of a sequence but its first; no more than some windows of it are held. */
async function sumLosses(
  { model: { maxLength }, scorer }: LoadedModel,
  pieces: AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>,
): Promise<number> {
  let total = 0;
  let windows: ScoredWindow[] = [];
  const scoreAll = async () => {
    for (const losses of await scorer.score(windows)) total += losses.reduce((sum, loss) => sum + loss, 0);
    windows = [];
  };
  for await (const window of cutWindows(pieces, maxLength, Math.max(1, maxLength >> 1))) {
    windows.push(window);
    if (windows.length === windowsAtOnce) await scoreAll();
  }
  await scoreAll();
  return total;
}

/** Adds up what was measured. @throws DataError `nothing-to-evaluate` */
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
  const loss = nats / tokens;
  return {
    task,
    items,
    tokens,
    bytes,
    loss,
    perplexity: Math.exp(loss),
    bitsPerByte: nats / Math.LN2 / bytes,
    excluded,
  };
}
