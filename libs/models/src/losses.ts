// The losses of a batch: those of its targets, and that of whether a sentence follows another where that is asked.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { addBatch, forwardInputsOf, type BatchShape, type BatchValues } from './batch.ts';
import type { ForwardResult, LanguageModel, Parameters } from './language-model.ts';

/** Logits above this many are computed in chunks of rows and not kept for the backward pass. */
const keptLogits = 2 ** 26;
export const rowsAtOnce = 256;

export interface LossOptions {
  readonly parameters: Parameters;
  /** Given in training: dropout acts, and logits may be kept. */
  readonly counter?: Value;
  /** Label smoothing of the targets' losses. */
  readonly smoothing?: number;
  /** The vocabulary of the last product is filled up to a multiple of this, for devices that multiply in tiles. */
  readonly vocabularyMultiple?: number;
}

export interface Losses {
  /** f32 [B · T, 1] in nats, 0 where left out. */
  readonly losses: Value;
  /** f32 [B, 1], each with its factor; of batches that ask for it. */
  readonly sentenceLosses?: Value;
  /** i32 [B · T] */
  readonly targets: Value;
  /** f32 [B · T, C] */
  readonly rows: Value;
  readonly result: ForwardResult;
}

/** Adds the inputs of the batch, the forward pass, and the losses. */
export function addLosses(
  b: Builder,
  model: LanguageModel,
  shape: BatchShape,
  { parameters, counter, smoothing, vocabularyMultiple = 1 }: LossOptions,
): Losses {
  const values = addBatch(b, shape);
  const { targets } = values;
  const result = model.forward(b, { parameters, counter, ...forwardInputsOf(values) });
  const { hidden, head, bias, softcap } = result;
  const [count] = targets.shape;
  const rows = o.reshape(b, hidden, [count, head.shape[1]]);
  const keepsAll = count * model.vocabSize <= keptLogits && counter !== undefined;
  const chunk = keepsAll ? 0 : Math.min(rowsAtOnce, count);
  const isPlain = softcap === undefined && !smoothing; // both read every token's logit
  const last = isPlain ? fillVocabulary(b, { head, bias }, vocabularyMultiple) : { head, bias };
  const losses = o.crossEntropy(b, rows, last.head, targets, { chunk, bias: last.bias, softcap, smoothing });
  return { losses, sentenceLosses: addSentenceLosses(b, result, values), targets, rows, result };
}

/** Tokens that there are not have a bias that makes their probability 0. */
function fillVocabulary(
  b: Builder,
  { head, bias }: Pick<ForwardResult, 'head' | 'bias'>,
  multiple: number,
): Pick<ForwardResult, 'head' | 'bias'> {
  const [vocabSize] = head.shape;
  const more = Math.ceil(vocabSize / multiple) * multiple - vocabSize;
  if (more === 0) return { head, bias };
  const none = o.constant(b, -1e30, [more]);
  const filled = o.concat(b, [bias ?? o.constant(b, 0, [vocabSize]), none], 0);
  return { head: o.pad(b, head, [0, 0], [more, 0]), bias: filled };
}

function addSentenceLosses(
  b: Builder,
  { sentence }: ForwardResult,
  { nextSentence, nextSentenceWeight }: BatchValues,
): Value | undefined {
  if (!nextSentence || !nextSentenceWeight) return undefined;
  if (!sentence) throw new TypeError('this model has no head for the next sentence');
  const losses = o.crossEntropy(b, sentence.pooled, sentence.table, nextSentence, { bias: sentence.bias });
  return o.multiply(b, losses, o.reshape(b, nextSentenceWeight, [nextSentenceWeight.shape[0], 1]));
}
