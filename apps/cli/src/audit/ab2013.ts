// AB2013.md: the documentation that California's AB 2013 asks a developer to publish (Civil Code § 3111), its twelve items in
// their order.

import type { Json, JsonObject } from '@gristmill/core';
import { toFill, type Audit } from './audit-context.ts';
import { bySize } from './audit-facts.ts';
import { count, countOf, list, paragraphs, plain } from './markdown.ts';
import type { ShownSource } from './sources.ts';

/** Answers by key, of sentences or lists of them: what is to be filled can be filled by the provider's file. */
export function ab2013Answers(audit: Audit, sources: readonly ShownSource[]): JsonObject {
  return {
    sources: sourcesAnswer(audit, sources),
    purpose: toFill,
    dataPoints: dataPoints(audit),
    dataTypes: dataTypes(audit),
    copyright: licences(audit),
    purchasedOrLicensed: purchased(sources),
    personalInformation: personalInformation(audit),
    aggregateConsumerInformation: toFill,
    cleaning: cleaning(audit),
    collectionPeriod: period(audit),
    firstUsed: toFill,
    syntheticData: synthetic(sources),
  };
}

const items: readonly (readonly [key: string, title: string])[] = [
  ['sources', 'Sources or owners of the data sets'],
  ['purpose', 'How the data sets further the intended purpose'],
  ['dataPoints', 'Number of data points'],
  ['dataTypes', 'Types of data points'],
  ['copyright', 'Copyright, trademark, patent, or the public domain'],
  ['purchasedOrLicensed', 'Whether the data sets were purchased or licensed'],
  ['personalInformation', 'Personal information'],
  ['aggregateConsumerInformation', 'Aggregate consumer information'],
  ['cleaning', 'Cleaning, processing, and its purpose'],
  ['collectionPeriod', 'Time of collection, and whether it goes on'],
  ['firstUsed', 'Dates of the first use in development'],
  ['syntheticData', 'Synthetic data'],
];

export function ab2013Text({ build, name }: Audit, answers: JsonObject): string {
  return paragraphs(
    '# Training data transparency (California, AB 2013)',
    `Corpus ${plain(name)}, build ${build.manifest.build}. What says “${toFill}” is not known to the build.`,
    ...items.flatMap(([key, title], i) => [`## ${i + 1}. ${title}`, say(answers[key])]),
  );
}

function say(answer: Json | undefined): string {
  if (Array.isArray(answer)) return list(answer.map((one: Json) => plain(String(one))));
  return plain(typeof answer === 'string' ? answer : JSON.stringify(answer));
}

function sourcesAnswer({ facts }: Audit, sources: readonly ShownSource[]): string[] {
  const shown = sources.map(({ source, name, kind, category, description, documents }) => {
    const owner = category === 'crawled' ? 'owners are those of the domains' : `name and owner: ${name}`;
    return `${source}: ${kind}, category: ${category}, ${owner}, ${description}, ${countOf(documents, 'document')}`;
  });
  const domains = [...facts.crawledDomains.values()].filter(({ kept }) => kept > 0).length;
  return [
    ...shown,
    ...(domains > 0 ? [`${countOf(domains, 'crawled domain')} with kept documents: domains.csv`] : []),
  ];
}

function dataPoints({ facts }: Audit): string[] {
  const { documents, kept, bytes, tokens } = facts.total;
  return [
    `${countOf(kept, 'document')} of ${count(documents)} acquired`,
    `${countOf(bytes, 'byte')} of text`,
    facts.hasTokens ? countOf(tokens, 'token') : `tokens: no shards were made, ${toFill}`,
  ];
}

function dataTypes({ facts }: Audit): string[] {
  const kept = (map: Audit['facts']['kinds']) =>
    bySize(map).flatMap(([name, sums]) => (sums.kept > 0 ? [`${name} ${count(sums.kept)}`] : []));
  return [
    'text without labels',
    `documents by kind of source: ${kept(facts.kinds).join(', ') || 'none'}`,
    `documents by media type of the item: ${kept(facts.mediaTypes).join(', ') || 'none'}`,
  ];
}

function licences({ facts }: Audit): string[] {
  const byLicence = [...Map.groupBy(facts.licences, ({ licence }) => licence)];
  const shown = byLicence.map(([licence, rows]) => {
    const documents = rows.reduce((sum, row) => sum + row.documents, 0);
    return licence === 'NOASSERTION'
      ? `no licence is known: ${countOf(documents, 'document')}, for which copyright is to be assumed`
      : `${licence}: ${countOf(documents, 'document')}`;
  });
  return [
    ...shown,
    'evidence and attributions: licences.csv; what sites said about training: consent-report.csv',
    `trademarks and patents: ${toFill}`,
  ];
}

function purchased(sources: readonly ShownSource[]): string[] {
  const said = sources.filter(({ category }) => category !== toFill && category !== 'crawled');
  const open = sources.filter(({ category }) => category === toFill).map(({ source }) => source);
  const crawls = sources.filter(({ category }) => category === 'crawled').map(({ source }) => source);
  return [
    ...said.map(
      ({ source, category }) =>
        `${source}: ${category === 'licensed' ? 'licensed' : `not licensed, ${category}`}`,
    ),
    ...(crawls.length > 0 ? [`${crawls.join(', ')}: crawled, neither purchased nor licensed`] : []),
    ...(open.length > 0 ? [`${open.join(', ')}: ${toFill}`] : []),
  ];
}

function personalInformation({ facts, masksPersonalData }: Audit): string[] {
  if (!facts.signals.has('pii')) return [`this build did not look for personal data: ${toFill}`];
  const found = [...facts.personalData].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = found.map(([type, { findingsInKept }]) => `${type} ${count(findingsInKept)}`);
  return [
    `found by rules in kept documents: ${shown.join(', ') || 'none'} (pii.csv)`,
    masksPersonalData ? `masked in the shards: ${countOf(facts.masked, 'finding')}` : 'nothing was masked',
    'names of people are not looked for, street addresses only in some forms: texts may hold personal information',
  ];
}

function cleaning({ steps, facts }: Audit): string[] {
  const reasons = [...facts.reasons].sort(([a, x], [b, y]) => y.documents - x.documents || (a < b ? -1 : 1));
  return [
    `steps, which policy.md describes: ${steps.map((step) => step.export).join(', ')}`,
    ...reasons.map(([reason, { documents }]) => `left out, ${reason}: ${countOf(documents, 'document')}`),
  ];
}

function period({ facts, sources }: Audit): string[] {
  const crawls = [...facts.sources.values()].flatMap(({ name, from, to }) =>
    from === undefined ? [] : [`${name}: fetched from ${from} to ${to!}`],
  );
  const imports = sources.filter((source) => source.import).map(({ name }) => name);
  return [
    ...crawls,
    ...(imports.length > 0 ? [`${imports.join(', ')}: ${toFill}`] : []),
    `whether collection goes on: ${toFill}`,
  ];
}

function synthetic(sources: readonly ShownSource[]): string | string[] {
  const made = sources.filter(({ category }) => category === 'synthetic').map(({ source }) => source);
  if (made.length > 0) return made.map((source) => `used: ${source}`);
  return sources.some(({ category }) => category === toFill) ? toFill : 'none is used';
}
