// TER (Snover et al. 2006) of a corpus: edits of words, where moving a run of words is one edit, by words of the
// references. Moves are sought greedily within Tercom's limits. Equal to sacreBLEU, which lower-cases and cuts at spaces.

import { alignWords, measureDistance, type Distance } from './edit-distance.ts';
import { countReferences, sacrebleuVersion, type MetricResult, type Segment } from './segment.ts';
import { splitWords } from './words.ts';

const longestRun = 10;
const farthestMove = 50;
const mostCandidates = 1000;

export function measureTer(segments: readonly Segment[]): MetricResult {
  let [edits, words] = [0, 0];
  for (const { hypothesis, references } of segments) {
    const counts = references.map((reference) => countEdits(cut(hypothesis), cut(reference)));
    edits += Math.min(...counts.map((count) => count.edits));
    words += counts.reduce((sum, count) => sum + count.words, 0) / counts.length;
  }
  const score = words > 0 ? edits / words : edits > 0 ? 1 : 0;
  const signature = `nrefs:${countReferences(segments)}|case:lc|tok:tercom|norm:no|punct:yes|asian:no`;
  return { metric: 'ter', score: 100 * score, signature: `${signature}|version:${sacrebleuVersion}` };
}

const cut = (text: string) => splitWords(text.toLowerCase());

/** @returns edits, moves among them, and words of the reference */
export function countEdits(
  hypothesisWords: readonly string[],
  referenceWords: readonly string[],
): { readonly edits: number; readonly words: number } {
  if (referenceWords.length === 0) return { edits: hypothesisWords.length, words: 0 };
  const numbers = new Map([...referenceWords, ...hypothesisWords].map((word, i) => [word, i] as const));
  const numbersOf = (words: readonly string[]) => words.map((word) => numbers.get(word)!);
  const reference = numbersOf(referenceWords);
  let hypothesis = numbersOf(hypothesisWords);
  let [moves, candidates] = [0, 0];
  for (;;) {
    const found = findMove(hypothesis, reference, candidates);
    candidates = found.candidates;
    if (candidates >= mostCandidates || !found.move || found.move.gain <= 0) break;
    moves++;
    hypothesis = found.move.words;
  }
  return { edits: moves + measureDistance(hypothesis, reference).edits, words: reference.length };
}

interface Move {
  readonly gain: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
  readonly words: number[];
}

/** The best move of a run of words to a place where the reference has the same run. */
function findMove(hypothesis: readonly number[], reference: readonly number[], checked: number) {
  const distance = measureDistance(hypothesis, reference);
  const { places, referenceMissed, hypothesisMissed } = alignWords(distance);
  let [best, candidates]: [Move | undefined, number] = [undefined, checked];
  for (const { from, at, length } of findSharedRuns(hypothesis, reference)) {
    // What stands where it should is not moved, nor is anything moved to where the right words stand.
    if (!hypothesisMissed.slice(from, from + length).includes(true)) continue;
    if (!referenceMissed.slice(at, at + length).includes(true)) continue;
    if (from <= places[at] && places[at] < from + length) continue;
    for (const to of findTargets(places, at, length)) {
      const move = tryMove({ hypothesis, reference, distance }, { from, to, length });
      if (best === undefined || isBetter(move, best)) best = move;
      candidates++;
    }
    if (candidates >= mostCandidates) break;
  }
  return { move: best, candidates };
}

function* findSharedRuns(hypothesis: readonly number[], reference: readonly number[]) {
  for (let from = 0; from < hypothesis.length; from++) {
    const last = Math.min(reference.length - 1, from + farthestMove);
    for (let at = Math.max(0, from - farthestMove); at <= last; at++) {
      const most = Math.min(longestRun, hypothesis.length - from, reference.length - at);
      for (let length = 1; length <= most; length++) {
        if (hypothesis[from + length - 1] !== reference[at + length - 1]) break;
        yield { from, at, length };
      }
    }
  }
}

/** Places of the hypothesis before which the run may go: after those that lie at the run's words, or the one before it. */
function findTargets(places: readonly number[], at: number, length: number): number[] {
  const targets: number[] = [];
  for (let i = at - 1; i < Math.min(at + length, places.length); i++) {
    const target = i < 0 ? 0 : places[i] + 1;
    if (targets.at(-1) !== target) targets.push(target);
  }
  return targets;
}

interface Tried {
  readonly hypothesis: readonly number[];
  readonly reference: readonly number[];
  readonly distance: Distance;
}

function tryMove(
  { hypothesis, reference, distance }: Tried,
  { from, to, length }: Pick<Move, 'from' | 'to' | 'length'>,
): Move {
  const run = hypothesis.slice(from, from + length);
  const rest = [...hypothesis.slice(0, from), ...hypothesis.slice(from + length)];
  // A place within the run stands for so many words after it.
  const place = to < from ? to : to > from + length ? to - length : to;
  const words = [...rest.slice(0, place), ...run, ...rest.slice(place)];
  const known = { rows: distance.rows, shared: Math.min(from, place) };
  return { gain: distance.edits - measureDistance(words, reference, known).edits, length, from, to, words };
}

/** The greater gain, then the longer run, the earlier one, the earlier place. */
function isBetter(a: Move, b: Move): boolean {
  if (a.gain !== b.gain) return a.gain > b.gain;
  if (a.length !== b.length) return a.length > b.length;
  return a.from !== b.from ? a.from < b.from : a.to < b.to;
}
