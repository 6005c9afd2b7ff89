// How likely a text is. A decoder tells each token from those before it; an encoder-decoder from the context as its source
// too; an encoder from all others, one hidden token at a time (pseudo-log-likelihood, Salazar et al. 2020).

import { DataError } from '@gristmill/core';
import { findFrame } from './asked-windows.ts';
import { sourceOf } from './generate.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { TextItem } from './read-texts.ts';
import { cutWindows, type ScoredWindow } from './scorer.ts';
import type { TextTokenizer } from './text-tokenizer.ts';

export interface ScoredText {
  readonly id: string;
  /** Nats over the text's tokens. */
  readonly logLikelihood: number;
  readonly tokens: number;
  /** Whether each token is the likeliest. */
  readonly greedy: boolean;
}

/** @throws DataError `no-mask`, `text-too-long` */
export async function scoreText(
  loaded: LoadedModel,
  tokenizer: TextTokenizer,
  item: TextItem,
): Promise<ScoredText> {
  const { kind = 'decoder' } = loaded.model;
  if (kind === 'encoder') return scoreByEncoder(loaded, tokenizer, item);
  if (kind === 'encoder-decoder') return scoreByPair(loaded, tokenizer, item);
  return scoreByDecoder(loaded, tokenizer, item);
}

/** The context is the source; the end of the text counts. */
async function scoreByPair(
  { model, scorer }: LoadedModel,
  tokenizer: TextTokenizer,
  { id, text, context = '' }: TextItem,
): Promise<ScoredText> {
  const targets = Int32Array.from([...tokenizer.encode(text), model.endOfText]);
  const tokens = Int32Array.from([model.startOfText, ...targets.subarray(0, -1)]);
  const source = Int32Array.from(sourceOf(model, tokenizer.encode(context)));
  checkFits(tokens.length, model.maxLength, id);
  const [scored] = await scorer.rank([{ tokens, targets, source }]);
  return { id, ...addUp([scored], [{ tokens, targets }]), tokens: targets.length };
}

async function scoreByEncoder(
  { model, scorer }: LoadedModel,
  tokenizer: TextTokenizer,
  { id, text, context }: TextItem,
): Promise<ScoredText> {
  const { mask, first, last } = findFrame(model, tokenizer);
  const given = context ? tokenizer.encode(context) : [];
  const wanted = tokenizer.encode(text);
  const whole = Int32Array.from([first, ...given, ...wanted, last]);
  checkFits(whole.length, model.maxLength, id);
  const windows = wanted.map((token, i): ScoredWindow => {
    const at = 1 + given.length + i;
    return { tokens: whole.with(at, mask), targets: new Int32Array(whole.length).fill(-1).with(at, token) };
  });
  return { id, ...addUp(await scorer.rank(windows), windows), tokens: wanted.length };
}

function checkFits(length: number, most: number, id: string): void {
  if (length <= most) return;
  throw new DataError(
    'text-too-long',
    `text ${id} has ${length} tokens, and the model reads ${most}`,
    'cut it, or score it by a decoder, which reads in windows',
  );
}

function addUp(
  ranked: readonly { readonly losses: Float32Array; readonly likeliest: Int32Array }[],
  windows: readonly ScoredWindow[],
): Pick<ScoredText, 'logLikelihood' | 'greedy'> {
  let [logLikelihood, greedy] = [0, true];
  ranked.forEach(({ losses, likeliest }, n) =>
    windows[n].targets.forEach((token, i) => {
      logLikelihood -= losses[i];
      greedy &&= token < 0 || likeliest[i] === token;
    }),
  );
  return { logLikelihood, greedy };
}

/**
 * The text's tokens after those of its context (or the token that begins a text), in one pass. Where both are longer than the
 * model reads, windows overlap by half: a token then has at least half a window before it.
 */
async function scoreByDecoder(
  { model, scorer }: LoadedModel,
  tokenizer: TextTokenizer,
  { id, text, context }: TextItem,
) {
  const { startOfText, maxLength } = model;
  const given = context ? tokenizer.encode(context) : [startOfText];
  const wanted = tokenizer.encode(text);
  let [logLikelihood, greedy, target] = [0, true, 0];
  for await (const window of cutWindows([[...given, ...wanted]], maxLength, Math.max(1, maxLength >> 1))) {
    // Targets are numbered from 1 over all windows; those of the context are not scored.
    window.targets.forEach((token, i) => {
      if (token >= 0 && ++target < given.length) window.targets[i] = -1;
    });
    if (window.targets.every((token) => token < 0)) continue;
    const [{ losses, likeliest }] = await scorer.rank([window]);
    window.targets.forEach((token, i) => {
      logLikelihood -= losses[i];
      greedy &&= token < 0 || likeliest[i] === token;
    });
  }
  return { id, logLikelihood, tokens: wanted.length, greedy };
}
