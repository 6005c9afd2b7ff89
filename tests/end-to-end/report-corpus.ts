// A corpus and a training run for the tests of the report: losses of every kind, near duplicates that differ in a few words,
// personal data, a hostile text, and two languages.
import { join } from 'node:path';
import { createRandom } from '@gristmill/core';
import type { Recipe } from '@gristmill/corpus';
import { recipeOf, TestCorpus } from '../corpus/corpora.ts';

const { sources, ...rest } = recipeOf();
const recipe = {
  ...rest,
  name: 'mill',
  sources: sources.map((source) => ({ ...source, licence: 'CC0-1.0' })),
  steps: [
    { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
    { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'languageStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'heuristicsStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'personalDataStage' },
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
    {
      stage: 'select',
      module: '@gristmill/select',
      export: 'selectStage',
      options: { policies: { post: ['gopher'] }, split: { validation: 0.3 } },
    },
    { stage: 'tokenizer', module: '@gristmill/pack', export: 'tokenizerStage', options: { vocabSize: 300 } },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ],
} satisfies Recipe;

export const hostile =
  '<img src="https://evil.example/x.png" onerror="alert(1)"></script><script>alert(2)</script>';
export const address = 'miller@mill-house.org';

const words =
  'the miller ground his corn at dawn and sold good flour to every baker of that old town by noon'.split(' ');

function sentences(count: number, seed: number): string {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const length = 8 + Math.floor(random() * 8);
    const chosen = Array.from(
      { length },
      () => words[Math.floor(random() * words.length)] + (random() < 0.2 ? Math.floor(random() * 90) : ''),
    );
    return `${chosen.join(' ')}.`;
  }).join(' ');
}

export async function makeReportCorpus(): Promise<TestCorpus> {
  const corpus = await TestCorpus.make(0, recipe as never);
  const long = sentences(14, 1);
  const posts = [
    { id: 'kept', text: long },
    { id: 'near', text: long.replace(/\.[^.]*\.$/, '. But in the end it all went wrong for him.') },
    { id: 'hostile', text: `${hostile} ${sentences(9, 3)}` },
    { id: 'mail', text: `Write to ${address} today. ${sentences(9, 4)}` },
    { id: 'again', text: Array.from({ length: 30 }, () => 'The mill is closed today.').join(' ') },
    ...Array.from({ length: 6 }, (_, i) => ({ id: `short-${i}`, text: `Great flour! ${i}` })),
    ...Array.from({ length: 12 }, (_, i) => ({ id: `post-${i}`, text: sentences(9, 100 + i) })),
  ];
  await corpus.write('posts/all.jsonl', posts.map((post) => JSON.stringify(post)).join('\n'));
  await corpus.write(
    'notes/german.txt',
    'Der Müller mahlt am Morgen sein Korn und verkauft das Mehl an die Bäcker der Stadt. '.repeat(3),
  );
  await corpus.write('notes/empty.txt', '');
  await corpus.run();
  await writeRun(corpus);
  return corpus;
}

async function writeRun(corpus: TestCorpus): Promise<void> {
  const lines = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) =>
      JSON.stringify({ step: (i + 1) * from, loss: 5 - i / count, tokens: 64 * (i + 1) * from }),
    );
  const run = {
    format: 'gristmill-run',
    version: 1,
    settings: { steps: 40, sequenceLength: 64, learningRate: 0.001 },
    model: { n_layer: 2, n_embd: 32, n_head: 2, vocab_size: 300 },
  };
  const evaluation = {
    bitsPerByte: 1.9,
    compressors: [{ name: 'gzip -9', bitsPerByte: 3.1 }],
    samples: [{ prompt: 'The mill', text: ` <b>turns</b> at dawn${'\n\nand again'.repeat(30)}` }],
  };
  await corpus.write('run/run.json', JSON.stringify(run));
  await corpus.write('run/loss.jsonl', `${lines(40, 1).join('\n')}\n`);
  await corpus.write('run/validation.jsonl', `${lines(4, 10).join('\n')}\n`);
  const message = 'overfitting: <b>validation</b> loss rose';
  const findings = [{ kind: 'overfitting', step: 40, message }];
  await corpus.write('run/findings.json', JSON.stringify({ findings }));
  await corpus.write('run/report.json', JSON.stringify(evaluation));
}

export const places = (corpus: TestCorpus) => ({
  corpus: join(corpus.folder, 'corpus'),
  run: join(corpus.folder, 'run'),
  page: join(corpus.folder, 'page.html'),
});
