// What `gristmill audit` writes before the readers of each format: mlcroissant (which loads the records), OpenLineage's own
// client, rdflib for PROV-O and huggingface_hub for the card. They have a virtual environment of their own.
import { execFileSync } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { selectedDocuments } from '@gristmill/corpus';
import { writeAudit } from '../../apps/cli/src/audit/write-audit.ts';
import type { TestCorpus } from '../corpus/corpora.ts';
import { runPython } from '../python/python.ts';
import { forgetEssay, makeAuditCorpus } from './audit-corpus.ts';

const setup = ['tests/python/setup.sh', 'audit-requirements.txt'];
const python = execFileSync('bash', setup, { cwd: resolve('.'), encoding: 'utf8' }).trim();
let corpus: TestCorpus;
let folder: string;
beforeAll(async () => {
  corpus = await makeAuditCorpus();
  await forgetEssay(corpus);
  folder = join(corpus.folder, 'audit');
  await writeAudit(corpus.store(), folder);
}, 120_000);
afterAll(() => corpus[Symbol.asyncDispose]());

const run = (program: string, ...args: string[]) => JSON.parse(runPython(python, program, args)) as never;

it.skipIf(python === '')(
  'mlcroissant finds no fault, and loads the kept documents from the corpus',
  async () => {
    const issues = run(
      `import json, sys, mlcroissant
metadata = mlcroissant.Dataset(sys.argv[1]).metadata
print(json.dumps([sorted(metadata.ctx.issues.errors), sorted(metadata.ctx.issues.warnings), metadata.ctx.conforms_to.value]))`,
      join(folder, 'croissant.json'),
    );
    expect(issues).toEqual([[], [], 'http://mlcommons.org/croissant/1.1']);
    await cp(join(folder, 'croissant.json'), join(corpus.folder, 'corpus/croissant.json'));
    const records = run(
      `import json, sys, mlcroissant
text = lambda value: value.decode() if isinstance(value, bytes) else value
records = mlcroissant.Dataset(sys.argv[1]).records('documents')
print(json.dumps([[text(r['documents/id']), text(r['documents/split']), text(r['documents/source'])] for r in records]))`,
      join(corpus.folder, 'corpus/croissant.json'),
    ) as string[][];
    const kept: string[][] = [];
    for await (const { id, split, source } of selectedDocuments(corpus.store()))
      kept.push([id, split, source]);
    expect(records.sort()).toEqual(kept.sort());
  },
);

it.skipIf(python === '')('every event is what the client of OpenLineage makes of its parts', async () => {
  const events = (await readFile(join(folder, 'provenance.jsonl'), 'utf8')).trimEnd().split('\n');
  const made = run(
    `import json, sys
from openlineage.client import event_v2
from openlineage.client.facet_v2 import (job_type_job, parent_run, schema_dataset,
  output_statistics_output_dataset, input_statistics_input_dataset)
from openlineage.client.serde import Serde
facets = {
  'parent': lambda m: parent_run.ParentRunFacet(run=parent_run.Run(**m['run']), job=parent_run.Job(**m['job'])),
  'jobType': lambda m: job_type_job.JobTypeJobFacet(**m),
  'schema': lambda m: schema_dataset.SchemaDatasetFacet(fields=[schema_dataset.SchemaDatasetFacetFields(**f) for f in m['fields']]),
  'outputStatistics': lambda m: output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(**m),
  'inputStatistics': lambda m: input_statistics_input_dataset.InputStatisticsInputDatasetFacet(**m),
}
def make(given):
  made = {}
  for name, members in given.items():
    if name == 'gristmill': continue
    plain = {key: value for key, value in members.items() if not key.startswith('_')}
    made[name] = facets[name](plain)
    made[name]._producer = members['_producer']
  return made
def dataset(kind, d, own):
  return kind(namespace=d['namespace'], name=d['name'], facets=make(d['facets']), **{own: make(d.get(own, {}))})
out = []
for line in open(sys.argv[1]):
  e = json.loads(line)
  event = event_v2.RunEvent(
    eventType=event_v2.RunState[e['eventType']], eventTime=e['eventTime'], producer=e['producer'],
    run=event_v2.Run(runId=e['run']['runId'], facets=make(e['run']['facets'])),
    job=event_v2.Job(namespace=e['job']['namespace'], name=e['job']['name'], facets=make(e['job']['facets'])),
    inputs=[dataset(event_v2.InputDataset, d, 'inputFacets') for d in e['inputs']],
    outputs=[dataset(event_v2.OutputDataset, d, 'outputFacets') for d in e['outputs']])
  out.append(json.loads(Serde.to_json(event)))
print(json.dumps(out))`,
    join(folder, 'provenance.jsonl'),
  ) as unknown[];
  // Our own facet is none of the client's; what is empty it leaves out.
  const ours = events.map((line) =>
    withoutEmpty(JSON.parse(line, (key, value: unknown) => (key === 'gristmill' ? undefined : value))),
  );
  expect(made.map(withoutEmpty)).toEqual(ours);
  expect(made.length).toBeGreaterThan(8);
});

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([name, one]) => [name, withoutEmpty(one)] as const);
  const isEmpty = (one: unknown) =>
    one === undefined || one === null || (typeof one === 'object' && Object.keys(one).length === 0);
  return Object.fromEntries(members.filter(([, one]) => !isEmpty(one)));
}

it.skipIf(python === '')('rdflib reads PROV-O in which every table leads back to the sources', () => {
  const unreached = run(
    `import json, sys, rdflib
graph = rdflib.Graph().parse(sys.argv[1], format='json-ld')
prov = rdflib.Namespace('http://www.w3.org/ns/prov#')
entities = set(graph.subjects(rdflib.RDF.type, prov.Entity))
sources = {e for e in entities if not list(graph.objects(e, prov.wasGeneratedBy))}
reach = lambda e: set(graph.transitive_objects(e, prov.wasDerivedFrom))
print(json.dumps([len(sources), len(entities), [e for e in entities if not reach(e) & sources]]))`,
    join(folder, 'provenance.prov.jsonld'),
  ) as [number, number, string[]];
  expect(unreached).toEqual([3, expect.any(Number), []]);
  expect(unreached[1]).toBeGreaterThan(10);
});

it.skipIf(python === '')('huggingface_hub reads the front matter of the card', () => {
  const data = run(
    `import json, sys, huggingface_hub
print(json.dumps(huggingface_hub.DatasetCard.load(sys.argv[1]).data.to_dict()))`,
    join(folder, 'README.md'),
  );
  expect(data).toMatchObject({
    language: ['en'],
    license: ['cc-by-4.0', 'cc-by-sa-4.0', 'unknown'],
    size_categories: ['n<1K'],
    task_categories: ['text-generation'],
  });
});
