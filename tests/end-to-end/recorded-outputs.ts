// What every stage makes of a fixed input, as digests: the same task id must give the same output, or a change of code
// went by unseen by the keys. Recorded in fixtures/recorded-outputs.json by `npm run record-outputs`.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashJson, type Json } from '@gristmill/core';
import { runRecipe, type Recipe, type RunOutcome } from '@gristmill/corpus';
import { openPart } from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import { goldenTexts } from '../annotate/golden-texts.ts';
import { makeSignalCorpus, signalRecipe } from '../annotate/signal-corpus.ts';
import { makeNearTexts, makeRepeatedTexts } from '../dedup/near-texts.ts';
import { articleTemplates, makePage } from '../extract/made-pages.ts';
import { structuredTemplates } from '../extract/made-structured-pages.ts';
import { writeTar } from '../import/tar-writer.ts';
import { writeZip } from '../import/zip-writer.ts';

export const recordFile = fileURLToPath(new URL('./fixtures/recorded-outputs.json', import.meta.url));

/** Task → what it was given (its id, which holds the stage's key) and what it made. */
export interface RecordedOutputs {
  /** Another Node has other keys. */
  readonly node: string;
  readonly outputs: Readonly<Record<string, { readonly given: string; readonly made: string }>>;
}

/** Runs every stage that ships on made input, in this process. */
export async function computeOutputs(): Promise<RecordedOutputs> {
  const corpus = await makeSignalCorpus();
  const store = openDiskStore({ root: join(corpus.folder, 'corpus'), sync: false });
  try {
    for (const [path, content] of madeFiles()) await corpus.write(path, content);
    const recipe = await corpus.writeRecipe(fullRecipe());
    const lock = join(corpus.folder, 'outputs.lock');
    const outcome = await runRecipe({ recipe, store, lock, workers: 0 });
    const outputs = { ...(await importedBy(store, outcome)), ...madeBy(outcome) };
    return { node: process.version, outputs };
  } finally {
    await corpus.close();
  }
}

function* madeFiles(): Generator<[string, string | Uint8Array]> {
  const templates = { ...articleTemplates, ...structuredTemplates };
  for (const [at, [kind, template]] of Object.entries(templates).entries())
    yield [`sites/${kind}.html`, makePage(kind, template, 40 + at, (['en', 'de'] as const)[at % 2]).html];
  const texts = [
    ...goldenTexts.map((text) => ({ text })),
    ...makeNearTexts(30).map(({ text }) => ({ text })),
    ...makeRepeatedTexts(20),
    { text: 'Itâ€™s a cafÃ© – “quoted”…\r\n\r\nSecond\u00adline\u0007 of it.' },
  ];
  yield ['texts/all.jsonl', texts.map((line) => JSON.stringify(line)).join('\n')];
  yield ['texts/table.csv', 'id,text\n1,"a row, quoted, of a table"\n2,another row of the table\n'];
  const chapter = (name: string) => `CHAPTER ${name}\n\n${goldenTexts[0] ?? 'Once'}\n\n`;
  yield ['books/tale.txt', `THE TALE\n\n${['I', 'II', 'III'].map(chapter).join('\n')}`];
  const entry = (n: number) =>
    `<entry><id>urn:${n}</id><title>Entry ${n}</title><content type="html">&lt;p&gt;Words of entry ${n}, enough of them.&lt;/p&gt;</content></entry>`;
  yield ['feeds/news.atom', `<feed xmlns="http://www.w3.org/2005/Atom">${entry(1)}${entry(2)}</feed>`];
  yield ['archives/a.tar', writeTar([['one.txt', 'a text in a tar archive']])];
  yield ['archives/b.zip', writeZip([{ name: 'two.md', bytes: '# Two\n\nA text in a zip archive.' }])];
}

function fullRecipe(): Recipe {
  const signals = signalRecipe() as Recipe;
  const [pages] = signals.sources;
  const source = (name: string, importer: string, include?: string[], options?: object) => ({
    ...{ name: name.replace('/', '-'), kind: pages.kind, where: { root: name.split('/')[0] } },
    ...(include && { files: { include } }),
    import: { module: '@gristmill/import', export: importer, options: options as never },
  });
  const annotate = (name: string) => ({
    stage: 'annotate' as const,
    module: '@gristmill/annotate',
    export: name,
  });
  const steps = signals.steps.flatMap((step) => {
    if (step.export === 'languageStage') return [step, annotate('heuristicsStage')];
    if (step.export === 'dedupStage')
      return [step, ...['passageStage', 'paragraphStage'].map((name) => ({ ...step, export: name }))];
    return [step];
  });
  return {
    ...signals,
    partitions: 1,
    sources: [
      pages,
      source('sites', 'filesImporter'),
      source('texts/lines', 'jsonDocumentsImporter', ['*.jsonl'], { textField: 'text' }),
      source('texts/csv', 'jsonDocumentsImporter', ['*.csv'], { textField: 'text', idField: 'id' }),
      source('books', 'textBooksImporter'),
      source('feeds', 'feedImporter'),
      source('archives/tar', 'tarImporter', ['*.tar']),
      source('archives/zip', 'zipImporter', ['*.zip']),
    ],
    steps,
  };
}

/** A task's output: the digests of its columns and files. */
function madeBy({ markers }: RunOutcome): RecordedOutputs['outputs'] {
  const made = markers
    .filter(({ step }) => step !== 'acquire')
    .map(({ step, phase, id, parts, files, replaced }) => {
      const columns = parts.map((part) => [part.table, part.rows, part.columns]);
      const digests = [...files, ...replaced].map(({ name, sha256 }) => [name, sha256]);
      const name = phase === undefined ? step : `${step}/${phase}`;
      return [
        name,
        { given: id, made: hashJson({ columns, digests } as unknown as Json).slice(0, 32) },
      ] as const;
    });
  return Object.fromEntries(made.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Acquire's task ids hold the rows: here an importer's version and options stand for what it was given. */
async function importedBy(
  store: Store,
  { markers, recipe }: RunOutcome,
): Promise<RecordedOutputs['outputs']> {
  const rows = new Map<string, string[]>();
  for (const { parts } of markers.filter(({ step }) => step === 'acquire'))
    for await (const row of openPart(store, parts[0]).readRows(['sourceName', 'rowDigest']))
      rows.set(String(row.sourceName), [
        ...(rows.get(String(row.sourceName)) ?? []),
        `${row.id} ${String(row.rowDigest)}`,
      ]);
  const outputs: Record<string, { given: string; made: string }> = {};
  for (const { name, import: reference } of recipe.recipe.sources) {
    const module = (await import(reference!.module)) as Record<string, { name: string; version: number }>;
    const { version } = module[reference!.export];
    const given = hashJson({ version, options: reference!.options ?? null } as unknown as Json);
    outputs[`import ${name}`] = {
      given: given.slice(0, 32),
      made: hashJson(rows.get(name) ?? []).slice(0, 32),
    };
  }
  return outputs;
}

/** Tasks that made something else of what they were given when it was recorded. */
export function violations(recorded: RecordedOutputs, now: RecordedOutputs): string[] {
  return Object.entries(now.outputs).flatMap(([task, { given, made }]) => {
    const known = recorded.outputs[task];
    return known?.given === given && known.made !== made ? [task] : [];
  });
}
