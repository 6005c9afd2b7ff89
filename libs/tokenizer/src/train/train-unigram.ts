// Trains a unigram language model: from many substrings, expectation and maximisation by turns with pruning, until the
// vocabulary has its size. Characters outside it are spelled by their bytes. Sums run in the order of sorted words, so the
// result does not depend on the order of texts. Source: Kudo 2018, "Subword Regularization"; SentencePiece.

import { byteToken } from '../models/byte-fallback.ts';
import { specialToken, type TokenizerJson } from '../tokenizer-json.ts';
import type { WordCounts } from './counted-words.ts';
import { countCharacters, keepCommon } from './alphabet.ts';
import { buildLattices } from './lattices.ts';
import { choosePieces, isCharacter, type ScoredPieces } from './prune-pieces.ts';
import { findSeeds } from './suffix-seeds.ts';
import { tooSmall } from './train-word-piece.ts';

export interface UnigramOptions {
  /** Special tokens and the 256 bytes included. */
  readonly vocabSize: number;
  /** The last is the unknown token. */
  readonly special?: readonly string[];
  /** Part of the text's characters that get a token of their own. */
  readonly characterCoverage?: number;
}

export const t5Tokens: readonly string[] = ['<pad>', '</s>', '<unk>'];

const shrinking = 0.75; // of SentencePiece, as the next four
const overshoot = 1.1;
const turns = 2;
const leastExpected = 0.5;
const seedsPerPiece = 30;
// A byte's spelling in a text is text: any other way through it is better.
const byteScore = -1000;

type Words = readonly (readonly [string, number])[];

/** @throws DataError `vocabulary-too-small` when the alphabet does not fit */
export function trainUnigram(
  counts: WordCounts,
  { vocabSize, special = t5Tokens, characterCoverage = 0.9995 }: UnigramOptions,
): TokenizerJson<object> {
  const alphabet = coverCharacters(countCharacters(counts), characterCoverage);
  const words = keepCovered(counts, new Set(alphabet));
  const size = vocabSize - special.length - 256;
  if (!Number.isInteger(vocabSize) || size < alphabet.length)
    throw tooSmall(vocabSize, special.length + 256 + alphabet.length);
  const target = Math.ceil(size * overshoot);
  let model = seed(words, alphabet, Math.min(1_000_000, Math.max(10_000, seedsPerPiece * size)));
  for (;;) {
    const learned = learn(words, model);
    model = learned.model;
    if (model.pieces.length <= target) break;
    const next = Math.max(target, Math.floor(model.pieces.length * shrinking));
    const kept = choosePieces(model, learned.best(), next);
    if (kept.length === model.pieces.length) break;
    model = select(model, kept);
  }
  return describe(finish(model, size), special);
}

function coverCharacters(counts: ReadonlyMap<string, number>, coverage: number): string[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const frequent = [...counts.values()].sort((a, b) => b - a);
  let covered = 0;
  let size = 0;
  while (size < frequent.length && covered < coverage * total) covered += frequent[size++];
  return keepCommon(counts, size);
}

/** Sorted; a word is cut where it holds a character that is not covered. */
function keepCovered(counts: WordCounts, alphabet: ReadonlySet<string>): Words {
  const kept = new Map<string, number>();
  for (const [word, count] of counts) {
    let part = '';
    const flush = (): void => {
      if (part !== '') kept.set(part, (kept.get(part) ?? 0) + count);
      part = '';
    };
    for (const character of word) {
      if (alphabet.has(character)) part += character;
      else flush();
    }
    flush();
  }
  return [...kept].sort(([a], [b]) => (a < b ? -1 : 1));
}

function seed(words: Words, alphabet: readonly string[], limit: number): ScoredPieces {
  const characters = countCharacters(new Map(words));
  const seeds = findSeeds(words, limit);
  const pieces = [...alphabet, ...seeds.map(({ piece }) => piece)];
  const weights = [
    ...alphabet.map((character) => characters.get(character) ?? 1),
    ...seeds.map(({ weight }) => weight),
  ];
  const logTotal = Math.log(weights.reduce((sum, weight) => sum + weight, 0));
  return { pieces, logProbability: Float64Array.from(weights, (weight) => Math.log(weight) - logTotal) };
}

/** Some turns of expectation and maximisation; pieces that are hardly expected go. */
function learn(words: Words, start: ScoredPieces): { model: ScoredPieces; best(): Float64Array } {
  const lattices = buildLattices(words, start.pieces);
  const logProbability = Float64Array.from(start.logProbability);
  for (let turn = 0; turn < turns; turn++) {
    const expected = new Float64Array(start.pieces.length);
    lattices.expect(logProbability.map(Math.exp), expected);
    maximize(start.pieces, expected, logProbability);
  }
  const kept = [...logProbability.keys()].filter((id) => logProbability[id] > -Infinity);
  return {
    model: select({ pieces: start.pieces, logProbability }, kept),
    best() {
      const counts = lattices.countBest(logProbability, start.pieces.length);
      return Float64Array.from(kept, (id) => counts[id]);
    },
  };
}

/** With the digamma of counts, which makes small ones smaller (a Dirichlet process as prior). */
function maximize(pieces: readonly string[], expected: Float64Array, logProbability: Float64Array): void {
  let total = 0;
  expected.forEach((count, id) => {
    if (isCharacter(pieces[id])) expected[id] = Math.max(count, leastExpected);
    else if (count < leastExpected) expected[id] = 0;
    total += expected[id];
  });
  const logTotal = digamma(total);
  expected.forEach((count, id) => (logProbability[id] = count === 0 ? -Infinity : digamma(count) - logTotal));
}

function digamma(x: number): number {
  let result = 0;
  for (; x < 7; x++) result -= 1 / x;
  x -= 0.5;
  const square = 1 / (x * x);
  return (
    result +
    Math.log(x) +
    square * (1 / 24 - square * (7 / 960 - square * (31 / 8064 - (square * 127) / 30720)))
  );
}

function select({ pieces, logProbability }: ScoredPieces, kept: readonly number[]): ScoredPieces {
  return {
    pieces: kept.map((id) => pieces[id]),
    logProbability: Float64Array.from(kept, (id) => logProbability[id]),
  };
}

/** Single characters and the likeliest others, likeliest first. */
function finish({ pieces, logProbability }: ScoredPieces, size: number): [string, number][] {
  const entries = pieces.map((piece, id): [string, number] => [piece, logProbability[id]]);
  const byScore = (a: [string, number], b: [string, number]): number => b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
  const characters = entries.filter(([piece]) => isCharacter(piece));
  const others = entries.filter(([piece]) => !isCharacter(piece)).sort(byScore);
  return [...characters, ...others.slice(0, size - characters.length)].sort(byScore);
}

function describe(entries: readonly [string, number][], special: readonly string[]): TokenizerJson<object> {
  const bytes = Array.from({ length: 256 }, (_, byte): [string, number] => [byteToken(byte), byteScore]);
  const end = special.indexOf('</s>');
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(specialToken),
    normalizer: null,
    pre_tokenizer: metaspace,
    post_processor:
      end < 0
        ? null
        : {
            type: 'TemplateProcessing',
            single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
            pair: [
              { Sequence: { id: 'A', type_id: 0 } },
              { SpecialToken: { id: '</s>', type_id: 0 } },
              { Sequence: { id: 'B', type_id: 0 } },
              { SpecialToken: { id: '</s>', type_id: 0 } },
            ],
            special_tokens: { '</s>': { id: '</s>', ids: [end], tokens: ['</s>'] } },
          },
    decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, metaspace] },
    model: {
      type: 'Unigram',
      unk_id: special.length - 1,
      vocab: [...special.map((token): [string, number] => [token, 0]), ...bytes, ...entries],
      byte_fallback: true,
    },
  };
}
