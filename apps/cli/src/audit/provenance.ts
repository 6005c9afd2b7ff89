// provenance.jsonl: a COMPLETE event of OpenLineage a step (spec 2-0-2), and one for the build that is their parent; and the
// same as PROV-O in JSON-LD. A build keeps no time of its steps: events carry the newest date that the corpus records, and
// the start of 1970 where it records none.

import { sha256, type JsonObject } from '@gristmill/core';
import type { Audit } from './audit-context.ts';
import { lineageOf, type StepFacts, type TableFacts } from './lineage.ts';

const producer = 'https://www.npmjs.com/package/gristmill';
const openLineage = 'https://openlineage.io/spec';
const namespace = 'gristmill';

export function provenanceEvents(audit: Audit): JsonObject[] {
  const { build, name } = audit;
  const steps = lineageOf(build);
  const root = runOf(build.manifest.build, 'build');
  const schemas = new Map(
    steps.flatMap(({ outputs }) => outputs.map((table) => [table.name, table] as const)),
  );
  const event = (
    run: string,
    job: string,
    facets: JsonObject,
    io: Pick<JsonObject, 'inputs' | 'outputs'>,
  ) => ({
    eventType: 'COMPLETE',
    eventTime: timeOf(audit),
    producer,
    schemaURL: `${openLineage}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: { runId: run, facets },
    job: { namespace, name: job, facets: { jobType: jobType(job === name ? 'BUILD' : 'STEP') } },
    ...io,
  });
  const parent = {
    parent: facet('1-2-0/ParentRunFacet', { run: { runId: root }, job: { namespace, name } }),
  };
  return [
    ...steps.map((step) =>
      event(
        runOf(build.manifest.build, step.step),
        `${name}.${step.step}`,
        { ...parent, gristmill: stepFacet(step) },
        {
          inputs: step.inputs.map((table) => inputDataset(audit, table, schemas.get(table))),
          outputs: step.outputs.map((table) => outputDataset(audit, table)),
        },
      ),
    ),
    event(
      root,
      name,
      { gristmill: buildFacet(audit) },
      {
        inputs: audit.sources.map(({ name: source }) => inputDataset(audit, `source/${source}`, undefined)),
        outputs: [{ namespace, name: `${name}/build/${build.manifest.build}`, facets: {} }],
      },
    ),
  ];
}

const timeOf = ({ newest }: Audit) => newest ?? '1970-01-01T00:00:00.000Z';

/** A UUID of version 8 (RFC 9562) made of the build and the step: the same build has the same runs. */
export function runOf(build: string, step: string): string {
  const hex = sha256(`${build} ${step}`);
  const variant = ((parseInt(hex[16], 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

const facet = (schema: string, members: JsonObject): JsonObject => ({
  _producer: producer,
  _schemaURL: `${openLineage}/facets/${schema}.json#/$defs/${schema.split('/')[1]}`,
  ...members,
});

const jobType = (kind: string) =>
  facet('2-0-4/JobTypeJobFacet', { processingType: 'BATCH', integration: 'GRISTMILL', jobType: kind });

/** Our own facet: what a step counted, and the keys of its code and options. */
const ownFacet = (members: JsonObject): JsonObject => ({
  _producer: producer,
  _schemaURL: `${openLineage}/2-0-2/OpenLineage.json#/$defs/RunFacet`,
  ...members,
});

const stepFacet = ({ keys, counts }: StepFacts) => ownFacet({ stageKeys: [...keys], counts });

const buildFacet = ({ build }: Audit) =>
  ownFacet({
    build: build.manifest.build,
    files: build.manifest.files.length,
    pins: { ...build.manifest.pins },
  });

const fieldsOf = ({ columns }: TableFacts) => columns.map((column) => ({ name: column }));

function inputDataset({ name }: Audit, table: string, known: TableFacts | undefined): JsonObject {
  return {
    namespace,
    name: `${name}/${table}`,
    facets: known ? { schema: facet('1-2-0/SchemaDatasetFacet', { fields: fieldsOf(known) }) } : {},
    inputFacets: known
      ? {
          inputStatistics: facet('1-0-0/InputStatisticsInputDatasetFacet', {
            rowCount: known.rows,
            size: known.bytes,
          }),
        }
      : {},
  };
}

function outputDataset({ name }: Audit, table: TableFacts): JsonObject {
  return {
    namespace,
    name: `${name}/${table.name}`,
    facets: { schema: facet('1-2-0/SchemaDatasetFacet', { fields: fieldsOf(table) }) },
    outputFacets: {
      outputStatistics: facet('1-0-2/OutputStatisticsOutputDatasetFacet', {
        rowCount: table.rows,
        size: table.bytes,
      }),
    },
  };
}

/** PROV-O: sources and tables are entities, steps are activities, the program is an agent. */
export function provenanceGraph(audit: Audit): JsonObject {
  const { build, name } = audit;
  const id = (kind: string, of: string) =>
    `urn:gristmill:${build.manifest.build}:${kind}:${encodeURIComponent(of)}`;
  const entity = (of: string) => ({ '@id': id('entity', of) });
  const steps = lineageOf(build);
  return {
    '@context': {
      prov: 'http://www.w3.org/ns/prov#',
      rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
      label: 'rdfs:label',
    },
    '@graph': [
      { '@id': producer, '@type': ['prov:SoftwareAgent', 'prov:Agent'], label: 'Gristmill' },
      ...audit.sources.map(({ name: source }) => ({
        ...entity(`source/${source}`),
        '@type': 'prov:Entity',
        label: `source ${source} of ${name}`,
      })),
      ...steps.flatMap(({ step, inputs, outputs }) => [
        {
          '@id': id('activity', step),
          '@type': 'prov:Activity',
          label: `step ${step}`,
          'prov:wasAssociatedWith': { '@id': producer },
          'prov:used': inputs.map(entity),
        },
        ...outputs.map((table) => ({
          ...entity(table.name),
          '@type': 'prov:Entity',
          label: `table ${table.name}`,
          'prov:wasGeneratedBy': { '@id': id('activity', step) },
          'prov:wasDerivedFrom': inputs.map(entity),
        })),
      ]),
    ],
  };
}
