// What a model that does not read from left to right alone is asked of a document. An encoder: each token once, hidden
// together with a seventh of the others, whatever the seed of a training. An encoder-decoder: a text from its context, or
// spans that were left out, where there is no context.

import { createRandom, DataError, shuffle } from '@gristmill/core';
import { corruptSpans, spanCorruptionLengths, type LanguageModel } from '@gristmill/models';
import { sourceOf } from './generate.ts';
import type { ScoredWindow } from './scorer.ts';
import type { TextTokenizer } from './text-tokenizer.ts';

/** Tokens without the end of the text. */
export interface AskedDocument {
  readonly tokens: ArrayLike<number>;
  /** What an encoder-decoder reads; undefined: nothing is told apart. */
  readonly context?: ArrayLike<number>;
}

export interface Asked {
  readonly windows: readonly ScoredWindow[];
  /** The tokens whose losses together are the length of a code for them; undefined where they are none. */
  readonly coded?: readonly number[];
}

/** @throws DataError `no-mask`, `wrong-kind` */
export function askOf(model: LanguageModel, tokenizer: TextTokenizer, document: AskedDocument): Asked {
  if (model.kind === 'encoder')
    return { windows: hideInTurn(document.tokens, model, findFrame(model, tokenizer)) };
  return document.context
    ? askFromContext(model, document.tokens, document.context)
    : { windows: leaveOutSpans(document.tokens, model) };
}

export interface Frame {
  readonly mask: number;
  /** Begins and ends a row. */
  readonly first: number;
  readonly last: number;
}

/** @throws DataError `no-mask` */
export function findFrame({ specialTokens }: LanguageModel, tokenizer: TextTokenizer): Frame {
  const find = (name: 'mask' | 'classify' | 'separate', spellings: readonly string[]) => {
    const spelt = () => spellings.map(tokenizer.tokenId).find((token) => token !== undefined);
    const found = specialTokens?.[name] ?? spelt();
    if (found !== undefined) return found;
    throw new DataError(
      'no-mask',
      `neither the model nor its tokenizer says which token is ${name}`,
      'take the tokenizer.json that the model was trained with',
    );
  };
  return {
    mask: find('mask', ['[MASK]', '<mask>']),
    first: find('classify', ['[CLS]', '<s>']),
    last: find('separate', ['[SEP]', '</s>']),
  };
}

/** So many rows hide a piece's tokens: 15 % each, as in training. */
const turns = 7;

function hideInTurn(tokens: ArrayLike<number>, { maxLength }: LanguageModel, frame: Frame): ScoredWindow[] {
  const windows: ScoredWindow[] = [];
  for (const [number, piece] of cut(tokens, maxLength - 2).entries()) {
    const whole = Int32Array.from([frame.first, ...piece, frame.last]);
    const places = Array.from(piece, (_, i) => i + 1);
    const order = shuffle(places, createRandom(number));
    for (let turn = 0; turn < Math.min(turns, piece.length); turn++) {
      const [shown, targets] = [whole.slice(), new Int32Array(whole.length).fill(-1)];
      for (let i = turn; i < order.length; i += turns) {
        targets[order[i]] = whole[order[i]];
        shown[order[i]] = frame.mask;
      }
      windows.push({ tokens: shown, targets });
    }
  }
  return windows;
}

/** What goes beyond the model's positions is neither read nor counted. */
function askFromContext(model: LanguageModel, tokens: ArrayLike<number>, context: ArrayLike<number>): Asked {
  const { startOfText, endOfText, maxLength } = model;
  const targets = Int32Array.from([...Array.from(tokens), endOfText].slice(0, maxLength));
  const window = {
    tokens: Int32Array.from([startOfText, ...targets.subarray(0, -1)]),
    targets,
    source: Int32Array.from(sourceOf(model, Array.from(context))),
  };
  return { windows: [window], coded: Array.from(tokens).slice(0, maxLength) };
}

const mostSource = 512;

/** @throws DataError `wrong-kind` for a model without tokens that stand for spans */
function leaveOutSpans(tokens: ArrayLike<number>, model: LanguageModel): ScoredWindow[] {
  const { specialTokens: { firstSentinel, pad } = {}, startOfText, endOfText, maxLength, type } = model;
  if (firstSentinel === undefined || pad === undefined)
    throw new DataError(
      'wrong-kind',
      `a ${type} tells a text from another one, and there is none`,
      'give lines {"text", "context"}, or shards of conversations, whose loss masks tell both apart',
    );
  const { tokens: length } = spanCorruptionLengths(Math.min(mostSource, maxLength));
  return [...cut(tokens, length).entries()]
    .filter(([, piece]) => piece.length > 1)
    .map(([number, piece]) => {
      const { inputs, targets } = corruptSpans(
        { tokens: piece, rows: 1, step: 0, firstRow: number },
        { firstSentinel, padToken: pad, endOfSequence: endOfText, seed: 0 },
      );
      return {
        tokens: Int32Array.from([startOfText, ...targets.subarray(0, -1)]),
        ...{ targets, source: inputs },
      };
    });
}

function cut(tokens: ArrayLike<number>, length: number): Int32Array[] {
  const all = Int32Array.from(tokens);
  return Array.from({ length: Math.ceil(all.length / length) }, (_, i) =>
    all.subarray(i * length, (i + 1) * length),
  );
}
