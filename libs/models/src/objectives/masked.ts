// BERT's objective over rows of the loader: [CLS] text [SEP], hidden tokens to be told; with the next sentence, [CLS] A
// [SEP] B [SEP], where half of the rows have a B from elsewhere (Devlin et al. 2019, section 3.1). Masks are drawn anew
// for each step, as RoBERTa's are.

import { philox4x32 } from '@gristmill/tensor';
import type { BatchArrays } from '../batch.ts';
import { maskTokens } from './masked-language.ts';
import { perRow, perToken, type BatchPlace, type LoadedRows, type Objective } from './objective.ts';

export interface MaskedOptions {
  readonly sequenceLength: number;
  /** Of the rows of a ramp's first steps: the shortest, which divides all others. Default: all are as long. */
  readonly shortestLength?: number;
  readonly vocabSize: number;
  readonly seed: number;
  readonly tokens: {
    readonly mask: number;
    readonly classify: number;
    readonly separate: number;
    readonly pad: number;
    /** Between documents; never hidden. */
    readonly endOfText: number;
  };
  /** Share of the tokens that is predicted. Default .15. */
  readonly probability?: number;
  /** Asks whether the second part of a row follows the first. */
  readonly nextSentence?: boolean;
  readonly documentMask?: boolean;
}

/** Rows being laid out. */
interface Layout {
  readonly options: MaskedOptions;
  readonly loaded: LoadedRows;
  /** Tokens of a row of the loader. */
  readonly sampleLength: number;
  readonly place: BatchPlace;
  readonly tokens: Int32Array;
  readonly segments: Int32Array;
  readonly positions: Int32Array;
  readonly tokenTypes: Int32Array;
  /** What may be predicted. */
  readonly open: Uint8Array;
}

/**
 * Where rows have several lengths, each holds so many times the tokens of the shortest as it is longer; what is left is
 * padding: 9 of 512 for 128.
 * @throws TypeError for a next sentence under a document mask: its parts must see each other
 */
export function createMasked(options: MaskedOptions): Objective {
  const { sequenceLength: length, nextSentence = false, documentMask = false } = options;
  const { shortestLength: shortest = length } = options;
  if (nextSentence && documentMask) throw new TypeError('the parts of a row must see each other');
  const whole = perToken(length);
  const most = shortest - (nextSentence ? 3 : 2);
  return {
    name: 'masked',
    sampleLength: (length / shortest) * most,
    sampleLengthAt: (shorter) => (shorter / shortest) * most,
    documentBounds: true,
    shape: (batch) => ({
      batch,
      length,
      further: {
        segments: whole,
        ...(documentMask ? { positions: whole } : {}),
        ...(nextSentence
          ? { tokenTypes: whole, nextSentence: perRow, nextSentenceWeight: { shape: [], dtype: 'f32' } }
          : {}),
      },
    }),
    build(loaded, place) {
      const sampleLength = loaded.targets.length / loaded.rows;
      const sequenceLength = (sampleLength / most) * shortest;
      return build(createLayout({ options: { ...options, sequenceLength }, loaded, sampleLength, place }));
    },
  };
}

function createLayout(given: Pick<Layout, 'options' | 'loaded' | 'sampleLength' | 'place'>): Layout {
  const { options, loaded } = given;
  const size = loaded.rows * options.sequenceLength;
  return {
    ...given,
    tokens: new Int32Array(size).fill(options.tokens.pad),
    segments: new Int32Array(size).fill(-1),
    positions: new Int32Array(size),
    tokenTypes: new Int32Array(size),
    open: new Uint8Array(size),
  };
}

function build(laid: Layout): BatchArrays {
  const { options, loaded, place } = laid;
  const { tokens: special, vocabSize, probability, seed } = options;
  const { rows } = loaded;
  const nextSentence = new Int32Array(rows).fill(-1);
  for (let row = 0; row < rows; row++) {
    if (options.nextSentence) nextSentence[row] = layPair(laid, row);
    else layText(laid, row);
  }
  const { inputs, targets } = maskTokens(
    { tokens: laid.tokens, rows, ...place, lossMask: laid.open },
    {
      maskToken: special.mask,
      special: [special.classify, special.separate, special.pad, special.endOfText],
      ...{ vocabSize, probability, seed },
    },
  );
  const { segments, positions, tokenTypes } = laid;
  if (!options.nextSentence) return { tokens: inputs, targets, segments, positions };
  // Both questions weigh the same: the mean over hidden tokens plus the mean over rows, times the hidden tokens.
  const asked = nextSentence.filter((label) => label >= 0).length;
  const hidden = targets.filter((target) => target >= 0).length;
  const nextSentenceWeight = new Float32Array(rows).fill(asked === 0 ? 0 : hidden / asked);
  return { tokens: inputs, targets, segments, tokenTypes, nextSentence, nextSentenceWeight };
}

/** Tokens of a row that are no padding. */
function countUsed({ loaded: { segments }, sampleLength }: Layout, row: number): number {
  if (!segments) return sampleLength;
  let used = sampleLength;
  while (used > 0 && segments[row * sampleLength + used - 1] < 0) used--;
  return used;
}

/** [CLS] text [SEP]; the ends belong to the documents beside them. */
function layText(laid: Layout, row: number): void {
  const { options, loaded, sampleLength, tokens, segments, open } = laid;
  const { tokens: special, sequenceLength: length } = options;
  const used = countUsed(laid, row);
  if (used === 0) return;
  const [from, to] = [row * sampleLength, row * length];
  tokens.set(loaded.targets.subarray(from, from + used), to + 1);
  [tokens[to], tokens[to + used + 1]] = [special.classify, special.separate];
  if (loaded.lossMask) open.set(loaded.lossMask.subarray(from, from + used), to + 1);
  else open.fill(1, to + 1, to + used + 1);
  if (options.documentMask) markDocuments(laid, row, used);
  else segments.fill(0, to, to + used + 2);
}

/** [CLS] stands before the first document's tokens, [SEP] after the last one's. */
function markDocuments(
  { options, loaded, sampleLength, segments, positions }: Layout,
  row: number,
  used: number,
) {
  if (!loaded.segments || !loaded.positions) throw new TypeError('the bounds of documents are missing');
  const [from, to] = [row * sampleLength, row * options.sequenceLength];
  segments.set(loaded.segments.subarray(from, from + used), to + 1);
  [segments[to], segments[to + used + 1]] = [segments[to + 1], segments[to + used]];
  for (let i = 0; i < used; i++) {
    const isFirst = segments[to + 1 + i] === segments[to];
    positions[to + 1 + i] = loaded.positions[from + i] + (isFirst ? 1 : 0);
  }
  positions[to + used + 1] = positions[to + used] + 1;
}

/** [CLS] A [SEP] B [SEP]. Gives 0 where B follows A, 1 where it does not, −1 for a row too short. */
function layPair(laid: Layout, row: number): number {
  const { options, loaded, tokens, segments, tokenTypes, open } = laid;
  const { tokens: special, sequenceLength: length } = options;
  const pair = drawPair(laid, row);
  if (pair === undefined) return -1;
  let at = row * length;
  const put = (token: number) => void (tokens[at++] = token);
  const copy = ([from, to]: Range) => {
    tokens.set(loaded.targets.subarray(from, to), at);
    for (let i = from; i < to; i++) open[at++] = loaded.lossMask?.[i] ?? 1;
  };
  put(special.classify);
  copy(pair.first);
  put(special.separate);
  const middle = at;
  copy(pair.second);
  put(special.separate);
  tokenTypes.fill(1, middle, at);
  segments.fill(0, row * length, at);
  return pair.follows ? 0 : 1;
}

/** Of the loader's tokens. */
type Range = readonly [from: number, to: number];

/** A row is cut in its middle half; what does not follow its first part is the end of another row. */
function drawPair(laid: Layout, row: number) {
  const { options, loaded, sampleLength, place } = laid;
  const { step, firstRow = 0 } = place;
  const used = countUsed(laid, row);
  if (used < 4) return undefined;
  const [cutAt, isOther, which] = philox4x32([0, firstRow + row, step, 0], [options.seed, pairStream]);
  const cut = (used >> 2) + 1 + (cutAt % Math.max(1, used >> 1));
  const rangeOf = (of: number, from: number, to: number): Range => [
    of * sampleLength + from,
    of * sampleLength + to,
  ];
  const [first, rest] = [rangeOf(row, 0, cut), rangeOf(row, cut, used)];
  const other = loaded.rows > 1 ? (row + 1 + (which % (loaded.rows - 1))) % loaded.rows : row;
  const otherUsed = countUsed(laid, other);
  if (isOther < 2 ** 31 || otherUsed === 0) return { first, second: rest, follows: true };
  // Where there is no other row, what stands before A does not follow it.
  if (other === row) return { first: rest, second: first, follows: false };
  const room = sampleLength - cut;
  return { first, second: rangeOf(other, Math.max(0, otherUsed - room), otherUsed), follows: false };
}

/** Keeps these draws apart from those of other operations under the same seed. */
const pairStream = 0x70616972;
