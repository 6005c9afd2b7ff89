// EU_PUBLIC_SUMMARY.md: the same summary for people, in the order of the template.

import type { Json, JsonObject } from '@gristmill/core';
import { toFill } from './audit-context.ts';
import { list, paragraphs, plain, table } from './markdown.ts';

type Rows = readonly JsonObject[];

/** @param summary as `euSummary` gives it, filled in or not */
export function euSummaryText(summary: JsonObject): string {
  const { provider, modalities, publicDatasets, privateDatasets, crawled } = summary as Record<
    string,
    JsonObject
  >;
  const { userData, syntheticData, measures, illegalContent } = summary as Record<string, JsonObject>;
  const text = modalities.text as JsonObject;
  return paragraphs(
    '# Public summary of training content',
    `AI Act, Article 53(1)(d). Version ${say(summary.version)}, last update ${say(summary.lastUpdate)}. The template's figures are those of ${say((summary.template as JsonObject).asOf)}: check them against the template in force before signing.`,
    `What says “${toFill}” is not known to the build. Every number is one of its tables; \`manifest.json\` names all files.`,
    '## 1 General information',
    '### 1.1 Provider',
    facts({
      Name: provider.name,
      Contact: provider.contact,
      'Authorised representative': summary.authorisedRepresentative,
    }),
    '### 1.2 Model',
    facts({
      'Versioned names': summary.modelNames,
      Dependencies: summary.modelDependencies,
      'Date of placement on the Union market': summary.dateOnUnionMarket,
    }),
    '### 1.3 Modalities, size and other characteristics',
    facts({
      Modality: ['text', ...['image', 'audio', 'video', 'other'].map((name) => `${name}: not present`)],
      'Training data size': text.sizeRange,
      Tokens: text.tokens,
      'Bytes of text': text.bytes,
      Documents: text.documents,
      'Latest acquisition, crawled': (text.latestAcquisition as JsonObject).crawled ?? 'nothing is crawled',
      'Latest acquisition, imported':
        (text.latestAcquisition as JsonObject).imported ?? 'nothing is imported',
      'Continuous training': text.continuousTraining,
      'Other characteristics': text.otherCharacteristics,
    }),
    'Types of content:',
    sums(text.contentTypes as Rows, 'name'),
    'Official languages of the Union:',
    sums(text.languages as Rows, 'language') || 'None was found.',
    (text.otherLanguages as Rows).length > 0 ? 'Other languages, by ISO 639 code:' : '',
    sums(text.otherLanguages as Rows, 'code'),
    text.undetermined === null
      ? ''
      : `Of undetermined language: ${say((text.undetermined as JsonObject).documents)} documents.`,
    '## 2 Sources',
    '### 2.1 Publicly available data sets',
    'Large:',
    sources(publicDatasets.large as Rows),
    'Others:',
    sources(publicDatasets.others as Rows),
    '### 2.2 Private data sets',
    'Licensed by rightsholders:',
    sources(privateDatasets.licensed as Rows),
    'Other private data sets:',
    sources(privateDatasets.other as Rows),
    '### 2.3 Data crawled from online sources',
    ...crawledText(crawled),
    '### 2.4 User data',
    facts({ Used: userData.used }),
    sources(userData.sources as Rows, ''),
    '### 2.5 Synthetic data',
    facts({ Used: syntheticData.used }),
    sources(syntheticData.sources as Rows, ''),
    '### 2.6 Other sources',
    sources(summary.otherSources as Rows),
    '## 3 Processing',
    '### 3.1 Reservations of rights',
    facts({
      'Signatory of the Code of Practice': measures.codeOfPractice,
      'Where nobody said anything':
        measures.silence === 'allow'
          ? 'the document may be used'
          : measures.silence === 'deny'
            ? 'the document is left out'
            : measures.silence,
      'Left out because nobody said anything': measures.leftOutForSilence,
      'Agreements that count more': (measures.agreements as Rows).length > 0 ? measures.agreements : 'none',
    }),
    table(
      ['protocol', 'read as a no', 'honoured', 'documents left out'],
      (measures.protocols as Rows).map((row) => [
        String(row.word),
        String(row.description),
        row.honoured === true ? 'yes' : 'no',
        Number(row.documentsLeftOut),
      ]),
    ),
    facts({ 'Other measures': measures.other }),
    '### 3.2 Illegal content',
    facts({ 'Of the build': illegalContent.measures, 'Other measures': illegalContent.other }),
    '### 3.3 Other information',
    say(summary.otherInformation),
  );
}

function crawledText(crawled: JsonObject): string[] {
  if (crawled.used !== true) return ['Nothing was crawled for this build.'];
  const crawlers = (crawled.crawlers as Rows).map((crawler) =>
    facts({
      Crawler: crawler.name,
      'Source of the recipe': crawler.source,
      Purposes: crawler.purposes,
      Behaviour: crawler.behaviour,
      Period: crawler.from === null ? 'no document is kept' : `${say(crawler.from)} to ${say(crawler.to)}`,
    }),
  );
  return [
    ...crawlers,
    facts({ 'Content and sources': crawled.contentDescription }),
    `Domains: ${say(crawled.topDomainsRule)}; all of them are in \`domains.csv\`.`,
    sums(crawled.topDomains as Rows, 'domain') || 'No crawled document is kept.',
  ];
}

function facts(entries: Readonly<Record<string, Json | undefined>>): string {
  return list(Object.entries(entries).map(([name, value]) => `${name}: ${say(value)}`));
}

function say(value: Json | undefined): string {
  if (value === undefined || value === null) return toFill;
  if (Array.isArray(value)) return value.map((one: Json) => say(one)).join('; ');
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return plain(typeof value === 'string' ? value : JSON.stringify(value));
}

function sums(rows: Rows, name: string): string {
  return table(
    [name === 'name' ? 'kind' : name, 'documents', 'bytes', 'tokens'],
    rows.map((row) => [
      String(row[name]),
      Number(row.documents),
      Number(row.bytes),
      typeof row.tokens === 'number' ? row.tokens : 'not counted',
    ]),
  );
}

function sources(rows: Rows, none = 'None.'): string {
  if (rows.length === 0) return none;
  return table(
    ['source', 'category', 'name', 'address', 'version', 'what it is', 'licence', 'documents', 'bytes'],
    rows.map((row) => [
      ...['source', 'category', 'name', 'url', 'version', 'description', 'licence'].map((key) =>
        String(row[key]),
      ),
      Number(row.documents),
      Number(row.bytes),
    ]),
  );
}
