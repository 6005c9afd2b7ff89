// What a report says of a build, counted in one walk over its documents: what went in and came out by source, every loss
// with the values that decided, languages with their doubt. Texts are chosen here by id, and read in report-texts.ts.

import { createFolds, type LengthFolds } from './report-lengths.ts';
import {
  latestPart,
  partitionsOf,
  readColumns,
  readDocuments,
  type BuiltDocument,
  type OpenBuild,
} from './build-documents.ts';
import { describeThreshold } from './outcome-words.ts';
import { readOutcomes, type Outcome } from './outcome.ts';

export interface ReportSums {
  documents: number;
  kept: number;
  bytes: number;
  keptBytes: number;
  tokens: number;
}

export interface ReportSource extends ReportSums {
  readonly source: string;
  readonly kind: string;
  /** What its items declare, the commonest first. */
  readonly licences: readonly string[];
}

/** One rule or reason, over all sources. */
export interface ReportLoss extends Outcome {
  readonly documents: number;
  readonly bytes: number;
  readonly summary: string;
  /** Source → documents, most first. */
  readonly sources: readonly (readonly [name: string, documents: number])[];
  /** Least, median and greatest value that decided, where it is a number. */
  readonly values?: readonly [number, number, number];
  /** Ids, the least first: a sample. */
  readonly examples: readonly string[];
}

export interface ReportLanguage {
  /** Undefined = unknown. */
  readonly language?: string;
  readonly documents: number;
  /** Score below .65, or below .9 with fewer than 100 characters. */
  readonly doubtful: number;
  readonly tokens: number;
  readonly examples: readonly string[];
}

/** A removed document and its witness. */
export interface ReportPair {
  readonly id: string;
  readonly witness: string;
  readonly reason: string;
  readonly similarity: number;
  readonly bytes: number;
  readonly source: string;
}

export interface ReportFacts {
  readonly total: ReportSums;
  readonly splits: readonly (readonly [split: string, sums: ReportSums])[];
  readonly sources: readonly ReportSource[];
  readonly losses: readonly ReportLoss[];
  readonly languages: readonly ReportLanguage[];
  /** Tokens of kept documents (bytes, where there are none) by powers of two. */
  readonly lengths: LengthFolds;
  /** Kept documents of each source, the least ids first. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
  /** Validation documents, the least ids first. */
  readonly heldOut: readonly string[];
  /** Candidates for duplicates that are worth a look. */
  readonly pairs: readonly ReportPair[];
}

/** FineWeb's threshold; a short text needs more to be believed. */
const [doubtfulScore, doubtfulShortScore, shortCharacters] = [0.65, 0.9, 100];
const [shownExamples, keptExamples, mostPairs] = [5, 40, 60];

interface LossTally {
  readonly outcome: Outcome;
  documents: number;
  bytes: number;
  readonly sources: Map<string, number>;
  readonly values: number[];
  readonly examples: string[];
}

export async function gatherReportFacts(build: OpenBuild): Promise<ReportFacts> {
  const total = noSums();
  const splits = new Map<string, ReportSums>();
  const sources = new Map<string, ReportSums & { kind: string; licences: Map<string, number> }>();
  const losses = new Map<string, LossTally>();
  const languages = new Map<
    string,
    { documents: number; doubtful: number; tokens: number; examples: string[] }
  >();
  const kept = new Map<string, string[]>();
  const lengths = createFolds();
  const heldOut: string[] = [];
  let pairs: ReportPair[] = [];
  for (const partition of partitionsOf(build)) {
    const documents = [...(await readDocuments(build, partition)).values()];
    const dropped = documents.filter((document) => !document.kept);
    const outcomes = await readOutcomes(build, partition, dropped);
    const isDoubtful = await doubtOf(build, partition);
    for (const document of documents) {
      const { id, source, kind, licence = 'not stated', split = 'no split' } = document;
      add(total, document);
      if (!sources.has(source)) sources.set(source, { ...noSums(), kind, licences: new Map() });
      const own = sources.get(source)!;
      add(own, document);
      own.licences.set(licence, (own.licences.get(licence) ?? 0) + 1);
      if (!document.kept) {
        addLoss(losses, document, outcomes.get(id)!);
        continue;
      }
      if (!splits.has(split)) splits.set(split, noSums());
      add(splits.get(split)!, document);
      lengths.add(document.tokens ?? document.bytes);
      addLanguage(languages, document, isDoubtful(id));
      collect(kept, source, id, keptExamples);
      if (split === 'validation' && heldOut.length < keptExamples) heldOut.push(id);
    }
    pairs = bestPairs([...pairs, ...pairsOf(dropped, outcomes)]);
  }
  return {
    total,
    splits: [...splits].sort(([, a], [, b]) => b.documents - a.documents),
    sources: [...sources]
      .map(([source, { licences, ...sums }]) => ({ source, ...sums, licences: ranked(licences) }))
      .sort((a, b) => b.bytes - a.bytes || (a.source < b.source ? -1 : 1)),
    losses: [...losses.values()].map(finishLoss).sort((a, b) => b.documents - a.documents),
    languages: [...languages]
      .map(([language, tally]) => ({ ...(language !== '' && { language }), ...tally }))
      .sort((a, b) => b.documents - a.documents),
    lengths: lengths.finish(),
    kept,
    heldOut,
    pairs,
  };
}

const noSums = (): ReportSums => ({ documents: 0, kept: 0, bytes: 0, keptBytes: 0, tokens: 0 });

function add(sums: ReportSums, { kept, bytes, tokens = 0 }: BuiltDocument): void {
  sums.documents++;
  sums.bytes += bytes;
  if (!kept) return;
  sums.kept++;
  sums.keptBytes += bytes;
  sums.tokens += tokens;
}

function addLoss(
  losses: Map<string, LossTally>,
  { id, source, bytes }: BuiltDocument,
  outcome: Outcome,
): void {
  const key = JSON.stringify([outcome.stage, outcome.reason, outcome.option]);
  let tally = losses.get(key);
  if (!tally) {
    tally = { outcome, documents: 0, bytes: 0, sources: new Map(), values: [], examples: [] };
    losses.set(key, tally);
  }
  tally.documents++;
  tally.bytes += bytes;
  tally.sources.set(source, (tally.sources.get(source) ?? 0) + 1);
  if (typeof outcome.value === 'number') tally.values.push(outcome.value);
  if (tally.examples.length < shownExamples) tally.examples.push(id);
}

function finishLoss({ outcome, sources, values, ...tally }: LossTally): ReportLoss {
  const { kept, stage, reason, policy, rule, signal, op, threshold, option } = outcome;
  const sorted = values.sort((a, b) => a - b);
  const range = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)!] as const;
  return {
    ...{ kept, stage, reason, policy, rule, signal, op, threshold, option },
    ...tally,
    summary: `${stage}: ${describeThreshold(outcome)}`,
    sources: [...sources].sort(([, a], [, b]) => b - a),
    ...(sorted.length > 0 && reason !== 'exact-duplicate' && { values: range }),
  };
}

function addLanguage(
  languages: Map<string, { documents: number; doubtful: number; tokens: number; examples: string[] }>,
  { id, language = '', tokens = 0 }: BuiltDocument,
  isDoubtful: boolean,
): void {
  if (!languages.has(language))
    languages.set(language, { documents: 0, doubtful: 0, tokens: 0, examples: [] });
  const tally = languages.get(language)!;
  tally.documents++;
  tally.tokens += tokens;
  if (!isDoubtful) return;
  tally.doubtful++;
  if (tally.examples.length < shownExamples) tally.examples.push(id);
}

async function doubtOf(build: OpenBuild, partition: number): Promise<(id: string) => boolean> {
  const scores = await readColumns(build, latestPart(build, partition, 'languageScore'), ['languageScore']);
  const sizes = await readColumns(build, latestPart(build, partition, 'characters'), ['characters']);
  return (id) => {
    const [score, characters] = [scores.get(id)?.languageScore, sizes.get(id)?.characters];
    if (typeof score !== 'number') return false;
    const isShort = typeof characters === 'number' && characters < shortCharacters;
    return score < (isShort ? doubtfulShortScore : doubtfulScore);
  };
}

function collect(lists: Map<string, string[]>, name: string, id: string, most: number): void {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  if (list.length < most) list.push(id);
}

function ranked(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

function pairsOf(dropped: readonly BuiltDocument[], outcomes: ReadonlyMap<string, Outcome>): ReportPair[] {
  return dropped.flatMap(({ id, bytes, source }) => {
    const { witness, reason = '', value } = outcomes.get(id)!;
    return witness === undefined ? [] : [{ id, witness, reason, similarity: Number(value), bytes, source }];
  });
}

/** Nearly equal before equal, long before short, one for each witness: "Great phone!" five times teaches nothing. */
function bestPairs(pairs: readonly ReportPair[]): ReportPair[] {
  const worth = ({ reason, bytes }: ReportPair) =>
    (reason === 'exact-duplicate' ? 0 : 20) + Math.log2(bytes + 1);
  const sorted = [...pairs].sort((a, b) => worth(b) - worth(a) || (a.id < b.id ? -1 : 1));
  const seen = new Set<string>();
  return sorted.filter(({ witness }) => !seen.has(witness) && seen.add(witness)).slice(0, mostPairs);
}
