// croissant.json: Croissant 1.1 with the vocabulary for responsible AI 1.0 (MLCommons). Its files are those of the build:
// the shards, the tokenizer, and the table of packed documents, which is Parquet, so that its records can be read.
// Addresses are relative to the corpus: a copy of this file beside its manifest.json opens there.

import type { JsonObject } from '@gristmill/core';
import type { ManifestFile } from '@gristmill/corpus';
import { toFill, type Audit } from './audit-context.ts';
import { bySize } from './audit-facts.ts';
import { count } from './markdown.ts';

export function croissant(audit: Audit): JsonObject {
  const { build, name, facts, newest } = audit;
  const licences = [...new Set(facts.licences.map(({ licence }) => licenceAddress(licence)))].sort();
  const packed = packedParts(audit);
  return {
    '@context': context,
    '@type': 'sc:Dataset',
    conformsTo: ['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0'],
    name: name,
    description: `${count(facts.total.kept)} documents of ${count(facts.total.documents)} acquired${facts.hasTokens ? `, ${count(facts.total.tokens)} tokens` : ''}. Addresses of files are relative to the corpus.`,
    url: toFill,
    license: licences,
    citeAs: `${name}, build ${build.manifest.build}`,
    creator: { '@type': 'sc:Organization', name: toFill },
    datePublished: newest?.slice(0, 10) ?? '1970-01-01',
    version: `0.0.0-${build.manifest.build}`,
    inLanguage: bySize(facts.languages).flatMap(([code]) => (code === 'und' ? [] : [code])),
    distribution: [
      ...distribution(audit),
      ...packed.map(fileObject),
      ...(packed.length > 0 ? [fileSet(packed)] : []),
    ],
    recordSet: packed.length > 0 ? [recordSet] : [],
    ...responsibleAi(audit),
    'prov:wasDerivedFrom': audit.sources.map(({ name: source }) => ({ '@id': `source-${source}` })),
    'prov:wasGeneratedBy': { '@id': `build-${build.manifest.build}` },
  };
}

/** SPDX's own page of a licence; what has none is said as it is. */
function licenceAddress(licence: string): string {
  if (licence === 'NOASSERTION' || licence.startsWith('LicenseRef-')) return licence;
  return `https://spdx.org/licenses/${licence}.html`;
}

function distribution({ build }: Audit): JsonObject[] {
  const { files, current } = build.manifest;
  const stable = new Map(Object.entries(current).map(([target, path]) => [path, target]));
  return files.flatMap((file) => {
    const shown = stable.get(file.path) ?? file.path;
    const isShown = /^tokens\/[^/]+\/(?:shard-[^/]+\.arrow|index\.json|tokenizer\.json)$/.test(shown);
    return isShown ? [fileObject({ ...file, path: shown })] : [];
  });
}

const formats: readonly (readonly [RegExp, string])[] = [
  [/\.parquet$/, 'application/x-parquet'],
  [/\.arrow$/, 'application/vnd.apache.arrow.file'],
  [/\.json$/, 'application/json'],
];

function fileObject({ path, bytes, sha256 }: ManifestFile): JsonObject {
  return {
    '@type': 'cr:FileObject',
    '@id': path,
    name: path,
    contentUrl: path,
    contentSize: `${bytes} B`,
    encodingFormat: formats.find(([pattern]) => pattern.test(path))![1],
    sha256,
  };
}

function packedParts({ build }: Audit): ManifestFile[] {
  const paths = new Set(
    (build.state.tables.get('pack/documents') ?? []).filter(({ rows }) => rows > 0).map(({ path }) => path),
  );
  return build.manifest.files.filter(({ path }) => paths.has(path));
}

const packedSet = 'packed-documents';

/** Other builds have parts in the same folder, so each is named. */
function fileSet(parts: readonly ManifestFile[]): JsonObject {
  return {
    '@type': 'cr:FileSet',
    '@id': packedSet,
    name: packedSet,
    description: 'The packed documents of this build, a Parquet file a partition.',
    encodingFormat: 'application/x-parquet',
    includes: parts.map(({ path }) => path),
  };
}

const field = (name: string, dataType: string, description: string): JsonObject => ({
  '@type': 'cr:Field',
  '@id': `documents/${name}`,
  name,
  description,
  dataType,
  source: { fileSet: { '@id': packedSet }, extract: { column: name } },
});

const recordSet: JsonObject = {
  '@type': 'cr:RecordSet',
  '@id': 'documents',
  name: 'documents',
  description: 'A record a kept document; its tokens lie in the shards.',
  key: { '@id': 'documents/id' },
  field: [
    field('id', 'sc:Text', 'First 32 hex digits of a SHA-256 over address or place.'),
    field('split', 'sc:Text', 'train, validation or test.'),
    field('source', 'sc:Text', 'The source of the recipe.'),
    field('language', 'sc:Text', 'ISO 639 code; absent where it is undetermined.'),
    field('domain', 'sc:Text', 'Domain of its address; absent where it has none.'),
    field('bytes', 'sc:Integer', 'UTF-8 bytes of the text, masked and cut.'),
    field('masked', 'sc:Integer', 'Findings of personal data that were masked.'),
    field('count', 'sc:Integer', 'Tokens without end-of-text.'),
  ],
};

function responsibleAi(audit: Audit): JsonObject {
  const { facts, sources, steps, select, masksPersonalData } = audit;
  const days = [...facts.sources.values()]
    .flatMap(({ from, to }) => (from === undefined ? [] : [from, to!]))
    .sort();
  const crawls = sources.some(({ crawl }) => crawl);
  const imports = sources.some((source) => source.import);
  const obeyed: readonly string[] = select?.consent.obey ?? [];
  const types = [...facts.personalData.keys()].sort();
  return {
    'rai:dataCollection': sources
      .map(({ name, kind, crawl }) => `${name} (${kind}): ${crawl ? 'crawled' : 'imported from files'}`)
      .join('; '),
    'rai:dataCollectionType': [
      ...(crawls ? ['Web Scraping'] : []),
      ...(imports ? ['Secondary Data Analysis'] : []),
    ],
    'rai:dataCollectionMissingData': `${count(facts.total.documents - facts.total.kept)} acquired documents are left out; policy.md says why.`,
    ...(days.length > 0 && { 'rai:dataCollectionTimeFrame': [days[0], days.at(-1)!] }),
    'rai:dataPreprocessingProtocol': steps.map(({ stage, export: code }) => `${stage}: ${code}`),
    'rai:machineAnnotationTools': steps.flatMap(({ stage, export: code }) =>
      stage === 'annotate' ? [code] : [],
    ),
    'rai:dataUseCases': [toFill],
    'rai:dataBiases': [toFill],
    'rai:dataLimitations': [
      'Personal data is found by rules: names of people are not looked for, street addresses only in some forms.',
      `Refusals that are honoured: ${obeyed.join(', ') || 'none'}.`,
    ],
    'rai:dataSocialImpact': toFill,
    'rai:personalSensitiveInformation': facts.signals.has('pii')
      ? types.map(
          (type) =>
            `${type}: ${count(facts.personalData.get(type)!.findingsInKept)} in kept documents, ${masksPersonalData ? 'masked in the shards' : 'not masked'}`,
        )
      : ['This build did not look for it.'],
    'rai:dataReleaseMaintenancePlan': `Requests for removal go to ${audit.contact ?? toFill}; each update is a new build.`,
  };
}

/** As the specification prints it, with the vocabulary for responsible AI and PROV-O. */
const context: JsonObject = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  arrayShape: 'cr:arrayShape',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  containedIn: 'cr:containedIn',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  prov: 'http://www.w3.org/ns/prov#',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  description: { '@container': '@language' },
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileProperty: 'cr:fileProperty',
  fileObject: 'cr:fileObject',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isArray: 'cr:isArray',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  name: { '@container': '@language' },
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};
