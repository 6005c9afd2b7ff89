// What a data card says of a build, counted in one walk over its documents: partition by partition, only the columns
// that the build has.

import type { Row } from '@gristmill/core';
import {
  partitionsOf,
  readColumns,
  readDocuments,
  type BuiltDocument,
  type OpenBuild,
} from './build-documents.ts';

export interface Sums {
  documents: number;
  kept: number;
  bytes: number;
  /** Of kept documents. */
  tokens: number;
}

/** Name → sums. */
export type Tally = Map<string, Sums>;

const tallyNames = [
  'source',
  'licence',
  'licenceFound',
  'language',
  'topic',
  'genre',
  'split',
  'reason',
  'blockedUrl',
  'refusal',
] as const;
const numberNames = ['readingLevel', 'quality', 'perplexity', 'toxicity'] as const;

/** How documents that mention a group fare; the first two rows stand for all documents and those that mention none. */
export interface GroupFacts {
  mentions: number;
  documents: number;
  kept: number;
  withBadWords: number;
  toxic: number;
  /** Reason → documents. */
  readonly drops: Map<string, number>;
}

export interface CardFacts {
  readonly total: Sums;
  readonly tallies: Readonly<Record<(typeof tallyNames)[number], Tally>>;
  /** Values of documents with text, kept ones only. */
  readonly numbers: Readonly<Record<(typeof numberNames)[number], number[]>>;
  /** Type → findings and the documents that have them. */
  readonly personalData: Map<string, { findings: number; documents: number }>;
  /** Language → documents looked at, those with bad words, bad words. */
  readonly badWords: Map<string, { documents: number; withBadWords: number; words: number }>;
  readonly groups: Map<string, GroupFacts>;
  /** Of documents that state several licences. */
  ambiguousLicences: number;
  /** Set → its size, items found, documents and kept training documents that hold some. */
  readonly contamination: Map<
    string,
    { items: number; found: Set<string>; documents: number; trained: number }
  >;
  /** Columns that some step wrote. */
  readonly columns: ReadonlySet<string>;
}

export const allDocuments = 'all documents';
export const noGroup = 'documents that mention none of these';
/** Thousandths; the policy `toxicity` begins here too. */
export const toxicFrom = 500;

const wanted = [
  ...['topic', 'genre', 'pii', 'badWords', 'groups', 'licenceFound', 'licenceAmbiguous', 'blockedUrl'],
  ...['contamination', 'contaminatedItems', 'refusals', ...numberNames],
];

export async function gatherCardFacts(build: OpenBuild): Promise<CardFacts> {
  const facts = createFacts(build);
  for (const partition of partitionsOf(build)) {
    const signals = await readSignals(build, partition);
    for (const document of (await readDocuments(build, partition)).values()) {
      add(facts.total, document);
      countPlaces(facts, document);
      const row = signals.get(document.id);
      if (row) countSignals(facts, document, row);
    }
  }
  return facts;
}

function createFacts(build: OpenBuild): CardFacts {
  const columns = new Set<string>();
  for (const parts of build.state.rows.values())
    for (const part of parts.values()) for (const name of Object.keys(part.columns)) columns.add(name);
  const each = <T>(names: readonly string[], make: () => T) =>
    Object.fromEntries(names.map((name) => [name, make()]));
  return {
    total: { documents: 0, kept: 0, bytes: 0, tokens: 0 },
    tallies: each(tallyNames, () => new Map()) as CardFacts['tallies'],
    numbers: each(numberNames, (): number[] => []) as CardFacts['numbers'],
    personalData: new Map(),
    badWords: new Map(),
    groups: new Map(),
    ambiguousLicences: 0,
    contamination: new Map(),
    columns,
  };
}

/** Signals of the documents of one partition that have some: each column from the last step that writes it. */
async function readSignals(build: OpenBuild, partition: number): Promise<Map<string, Row>> {
  const signals = new Map<string, Row>();
  for (const step of build.rowSteps) {
    const part = build.state.rows.get(step)?.get(partition);
    const names = wanted.filter((name) => part?.columns[name] !== undefined);
    if (names.length === 0) continue;
    for (const [id, row] of await readColumns(build, part, [...names, 'verdict']))
      if (row.verdict === undefined) signals.set(id, { ...signals.get(id), ...row });
  }
  return signals;
}

function add(sums: Sums, { kept, bytes, tokens }: BuiltDocument): void {
  sums.documents++;
  if (kept) sums.kept++;
  sums.bytes += bytes;
  sums.tokens += tokens ?? 0;
}

function addTo(tally: Tally, name: string, document: BuiltDocument): void {
  const sums = tally.get(name) ?? { documents: 0, kept: 0, bytes: 0, tokens: 0 };
  add(sums, document);
  tally.set(name, sums);
}

function countPlaces({ tallies }: CardFacts, document: BuiltDocument): void {
  addTo(tallies.source, `${document.source} (${document.kind})`, document);
  addTo(tallies.licence, document.licence ?? 'not stated', document);
  if (document.kept) {
    addTo(tallies.language, document.language ?? 'unknown', document);
    addTo(tallies.split, document.split ?? 'no split', document);
  } else addTo(tallies.reason, document.reason ?? 'not selected', document);
}

function countSignals(facts: CardFacts, document: BuiltDocument, row: Row): void {
  const { tallies } = facts;
  const tell = (name: 'topic' | 'genre' | 'blockedUrl') => {
    if (typeof row[name] === 'string') addTo(tallies[name], row[name], document);
  };
  if (document.kept) {
    tell('topic');
    tell('genre');
    for (const name of numberNames)
      if (typeof row[name] === 'number') facts.numbers[name].push(row[name] as number);
  }
  tell('blockedUrl');
  if (typeof row.refusals === 'string')
    for (const word of row.refusals.split(' ')) if (word !== '') addTo(tallies.refusal, word, document);
  if (facts.columns.has('licenceFound'))
    addTo(tallies.licenceFound, (row.licenceFound as string | undefined) ?? 'none found', document);
  if (row.licenceAmbiguous === true) facts.ambiguousLicences++;
  countPersonalData(facts, row);
  countBadWords(facts, document, row);
  if (facts.columns.has('groups')) countGroups(facts, document, row);
  countContamination(facts, document, row);
}

function countPersonalData({ personalData }: CardFacts, { pii }: Row): void {
  if (!Array.isArray(pii)) return;
  const types = (pii as { type: string }[]).map(({ type }) => type);
  for (const type of types) {
    const counts = personalData.get(type) ?? { findings: 0, documents: 0 };
    personalData.set(type, counts);
    counts.findings++;
  }
  for (const type of new Set(types)) personalData.get(type)!.documents++;
}

function countBadWords({ badWords }: CardFacts, { language }: BuiltDocument, row: Row): void {
  if (typeof row.badWords !== 'number') return;
  const name = language ?? 'unknown';
  const counts = badWords.get(name) ?? { documents: 0, withBadWords: 0, words: 0 };
  badWords.set(name, counts);
  counts.documents++;
  if (row.badWords > 0) counts.withBadWords++;
  counts.words += row.badWords;
}

function countGroups({ groups }: CardFacts, document: BuiltDocument, row: Row): void {
  const mentions = (row.groups ?? {}) as Record<string, number>;
  const names = Object.keys(mentions);
  for (const name of [allDocuments, ...(names.length === 0 ? [noGroup] : names)]) {
    const facts = groups.get(name) ?? { ...nothing, drops: new Map<string, number>() };
    groups.set(name, facts);
    facts.mentions += mentions[name] ?? 0;
    facts.documents++;
    if (document.kept) facts.kept++;
    else facts.drops.set(document.reason ?? '', (facts.drops.get(document.reason ?? '') ?? 0) + 1);
    if (typeof row.badWords === 'number' && row.badWords > 0) facts.withBadWords++;
    if (typeof row.toxicity === 'number' && row.toxicity > toxicFrom) facts.toxic++;
  }
}

const nothing = { mentions: 0, documents: 0, kept: 0, withBadWords: 0, toxic: 0 };

function countContamination({ contamination }: CardFacts, document: BuiltDocument, row: Row): void {
  if (!Array.isArray(row.contamination)) return;
  const hits = row.contamination as { set: string; item: string; setItems: number }[];
  for (const set of new Set(hits.map((hit) => hit.set))) {
    const own = hits.filter((hit) => hit.set === set);
    const facts = contamination.get(set) ?? {
      items: own[0].setItems,
      found: new Set<string>(),
      documents: 0,
      trained: 0,
    };
    contamination.set(set, facts);
    facts.documents++;
    if (document.kept && document.split === 'train') facts.trained++;
    for (const { item } of own) facts.found.add(item);
  }
}
