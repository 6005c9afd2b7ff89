// The data card of the newest build, in Markdown: sources, licences, languages, the funnel, why documents were left
// out, splits, personal data, and how to ask for removal. Numbers only: it judges nothing.

import { sumCounts } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import {
  openBuild,
  partitionsOf,
  readColumns,
  readDocuments,
  type BuiltDocument,
  type OpenBuild,
} from './build-documents.ts';
import { requireManifest } from './manifest.ts';

interface Sums {
  documents: number;
  kept: number;
  bytes: number;
  tokens: number;
}

export async function dataCard(store: Store): Promise<string> {
  const build = await openBuild(store, await requireManifest(store));
  const tallies = {
    source: new Map<string, Sums>(),
    licence: new Map<string, Sums>(),
    language: new Map<string, Sums>(),
    topic: new Map<string, Sums>(),
    split: new Map<string, Sums>(),
    reason: new Map<string, Sums>(),
  };
  const total: Sums = { documents: 0, kept: 0, bytes: 0, tokens: 0 };
  const personal = new Map<string, number>();
  for (const partition of partitionsOf(build)) {
    const topics = await topicsOf(build, partition);
    for (const document of (await readDocuments(build, partition)).values()) {
      add(total, document);
      addTo(tallies.source, `${document.source} (${document.kind})`, document);
      addTo(tallies.licence, document.licence ?? 'not stated', document);
      if (document.kept) {
        addTo(tallies.language, document.language ?? 'unknown', document);
        if (topics.has(document.id)) addTo(tallies.topic, topics.get(document.id)!, document);
        addTo(tallies.split, document.split ?? 'no split', document);
      } else addTo(tallies.reason, document.reason ?? 'not selected', document);
    }
    await countPersonalData(build, partition, personal);
  }
  return spellCard(build, total, tallies, personal);
}

function add(sums: Sums, { kept, bytes, tokens }: BuiltDocument): void {
  sums.documents++;
  if (kept) sums.kept++;
  sums.bytes += bytes;
  sums.tokens += tokens ?? 0;
}

function addTo(tally: Map<string, Sums>, name: string, document: BuiltDocument): void {
  const sums = tally.get(name) ?? { documents: 0, kept: 0, bytes: 0, tokens: 0 };
  add(sums, document);
  tally.set(name, sums);
}

async function topicsOf(build: OpenBuild, partition: number): Promise<Map<string, string>> {
  const topics = new Map<string, string>();
  for (const step of build.rowSteps) {
    const part = build.state.rows.get(step)?.get(partition);
    if (part?.columns.topic === undefined) continue;
    for (const [id, row] of await readColumns(build, part, ['topic']))
      if (typeof row.topic === 'string') topics.set(id, row.topic);
  }
  return topics;
}

async function countPersonalData(
  build: OpenBuild,
  partition: number,
  personal: Map<string, number>,
): Promise<void> {
  for (const step of build.rowSteps) {
    const part = build.state.rows.get(step)?.get(partition);
    if (part?.columns.pii === undefined) continue;
    for (const row of (await readColumns(build, part, ['pii'])).values()) {
      if (!Array.isArray(row.pii)) continue;
      for (const { type } of row.pii as { type: string }[]) personal.set(type, (personal.get(type) ?? 0) + 1);
    }
  }
}

type Tallies = Record<'source' | 'licence' | 'language' | 'topic' | 'split' | 'reason', Map<string, Sums>>;

function spellCard(
  build: OpenBuild,
  total: Sums,
  tallies: Tallies,
  personal: ReadonlyMap<string, number>,
): string {
  const { recipe } = build.manifest;
  const duplicates = sumCounts(build.state.markers.filter(({ step }) => step === 'dedup'));
  const toxic = sumCounts(build.state.markers.filter(({ step }) => step.startsWith('annotate')));
  const sections = [
    `# ${String(recipe.name)}\n\nBuild \`${build.manifest.build}\`: ${number(total.kept)} of ${number(total.documents)} documents, ${number(total.tokens)} tokens, from ${number(total.bytes)} bytes of raw items.`,
    table('Sources', tallies.source),
    table('Licences', tallies.licence),
    table('Languages of kept documents', tallies.language),
    table('Topics of kept documents', tallies.topic),
    table('Splits', tallies.split),
    table('Left out, by reason', tallies.reason),
    counts('Duplicates', duplicates),
    counts(
      'Personal data found (masked in the shards unless the recipe says otherwise)',
      Object.fromEntries([...personal].sort()),
    ),
    counts(
      'Toxicity and other signals',
      Object.fromEntries(Object.entries(toxic).filter(([name]) => name.startsWith('signal.'))),
    ),
    removal(recipe.contact as string | undefined),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

const number = (value: number) => value.toLocaleString('en-US');
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(title: string, tally: ReadonlyMap<string, Sums>): string {
  if (tally.size === 0) return '';
  const rows = [...tally].sort(([a, x], [b, y]) => y.documents - x.documents || (a < b ? -1 : 1));
  const lines = rows.map(
    ([name, sums]) =>
      `| ${cell(name)} | ${number(sums.documents)} | ${number(sums.kept)} | ${number(sums.bytes)} | ${number(sums.tokens)} |`,
  );
  return `## ${title}\n\n| | documents | kept | bytes | tokens |\n| --- | ---: | ---: | ---: | ---: |\n${lines.join('\n')}`;
}

function counts(title: string, values: Readonly<Record<string, number>>): string {
  const entries = Object.entries(values);
  if (entries.length === 0) return '';
  return `## ${title}\n\n${entries.map(([name, amount]) => `- ${cell(name)}: ${number(amount)}`).join('\n')}`;
}

function removal(contact: string | undefined): string {
  const whom = contact === undefined ? 'the people who gave you this corpus' : contact;
  return `## Asking for removal\n\nWrite to ${whom} with the URL or the domain. They run \`gristmill forget DIR URL\`: it removes the documents from every build, keeps them out of later ones, and lists the training steps that have seen them.`;
}
