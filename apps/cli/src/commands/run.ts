// `gristmill run`: builds a corpus by a recipe or brings it up to date, and prints the funnel.
import { DataError, writeError, exitCode, suggestName } from '@gristmill/core';
import {
  droppedShare,
  makeFunnel,
  runRecipe,
  stageNames,
  type FunnelRow,
  type RunOutcome,
} from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import { InvalidArgumentError, type Command } from 'commander';
import { findTarget } from '../init/made-recipe.ts';
import { openCorpus } from '../open-corpus.ts';
import { parseCount } from '../parse-count.ts';
import { describeLosses, describeUnreadable, tokensPath } from '../run-remarks.ts';
import { formatTable } from '../table.ts';
import { createTerminalProgress } from '../terminal-progress.ts';
import { untilSignal } from '../until-signal.ts';
import { recordFirstCensus } from '../token-census-file.ts';

interface Flags {
  readonly corpus?: string;
  readonly lock?: string;
  readonly workers?: number;
  readonly only?: (typeof stageNames)[number];
  readonly refresh?: boolean;
  readonly retrain?: string;
  readonly adopt?: boolean;
  readonly rank?: number;
  readonly of?: number;
  readonly json?: boolean;
}

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('Build a corpus by a recipe or from a folder, or bring it up to date')
    .argument('<recipe>', 'the recipe, a TypeScript file; or a folder of anything')
    .option(
      '--corpus <dir>',
      'the corpus: a folder or s3://bucket/prefix (default: the name of the recipe; FOLDER-corpus of a folder)',
    )
    .option('--lock <file>', 'the lock with the pinned artefacts (default: beside the recipe)')
    .option('--workers <n>', 'threads; 0 = none (default: one a core)', parseCount)
    .option('--only <stage>', `stop after a stage: ${stageNames.join(', ')}`, parseStage)
    .option('--refresh', 'go to the network for what is due')
    .option('--retrain <name>', 'train a pinned artefact anew')
    .option('--adopt', 'take over a corpus that holds builds of another recipe')
    .option('--rank <r>', 'do one share of the work: from 0 to N - 1', parseCount)
    .option('--of <n>', 'the number of shares', parseCount)
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  gristmill run notes\n  gristmill run pipelines/demo.ts --corpus demo-output/corpus --workers 2\n' +
        '  gristmill run recipe.ts --corpus s3://bucket/web --rank 0 --of 4   (server: AWS_ENDPOINT_URL)\n',
    )
    .action(run);
}

function parseStage(value: string): string {
  if ((stageNames as readonly string[]).includes(value)) return value;
  throw new InvalidArgumentError(suggestName(value, stageNames, `use one of ${stageNames.join(', ')}.`));
}

async function run(target: string, flags: Flags): Promise<void> {
  const start = performance.now();
  const { recipe, place, found } = await findTarget(target, flags.corpus);
  for (const line of found) process.stderr.write(`${line}\n`);
  const store = await openCorpus(place);
  const progress = createTerminalProgress(process.stderr);
  try {
    const { of, json: _json, corpus: _corpus, ...asked } = flags;
    const request = { ...asked, recipe, store, ranks: of };
    const outcome = await untilSignal((signal) => runRecipe({ ...request, signal, progress }));
    if (outcome.manifest && (flags.rank ?? 0) === 0) await recordFirstCensus(store);
    report(outcome, {
      corpus: place,
      seconds: (performance.now() - start) / 1000,
      json: flags.json === true,
      remarks: (flags.rank ?? 0) === 0 ? await remarksOn(outcome, store, place) : [],
    });
  } catch (error) {
    process.exitCode = endOf(error, place);
  } finally {
    progress.close();
    await store.close();
  }
}

async function remarksOn(outcome: RunOutcome, store: Store, place: string): Promise<string[]> {
  const unreadable = await describeUnreadable(store, outcome);
  return outcome.isNew ? [...unreadable, ...(await describeLosses(store, place))] : unreadable;
}

/** Says what came to no build, and gives the exit code. Any other error goes on. */
function endOf(error: unknown, place: string): number {
  const code = error instanceof DataError ? error.code : '';
  if (code === 'stopped') {
    process.stderr.write(`stopped; ${place} keeps what is done, run the same command again to carry on\n`);
    return exitCode.stopped;
  }
  const known = { 'empty-source': exitCode.tooManyDropped, 'crawl-waits': exitCode.stopped } as const;
  if (!Object.hasOwn(known, code)) throw error;
  writeError(error);
  return known[code as keyof typeof known];
}

interface ReportFacts {
  readonly corpus: string;
  readonly seconds: number;
  readonly json: boolean;
  /** Sentences for people. */
  readonly remarks: readonly string[];
}

function report(outcome: RunOutcome, { corpus, seconds, json, remarks }: ReportFacts): void {
  const funnel = makeFunnel(outcome);
  const share = droppedShare(outcome);
  const { dropThreshold } = outcome.recipe.recipe;
  const sum = (name: 'computedRows' | 'reusedRows') => funnel.reduce((total, row) => total + row[name], 0);
  const facts = {
    build: outcome.manifest?.build,
    isNew: outcome.isNew,
    computedRows: sum('computedRows'),
    reusedRows: sum('reusedRows'),
    droppedShare: share,
    drift: outcome.drift,
    warnings: outcome.warnings ?? [],
    waitsFor: outcome.waitsFor ?? [],
    tokens: tokensPath(outcome.manifest, corpus),
    seconds: Math.round(seconds * 1000) / 1000,
  };
  if (json) process.stdout.write(`${JSON.stringify({ ...facts, corpus, funnel })}\n`);
  else process.stdout.write(spellFunnel(funnel));
  for (const name of outcome.drift) {
    process.stderr.write(
      `${name} was trained on other data than there is now; --retrain ${name} trains it anew\n`,
    );
  }
  const what = outcome.isNew
    ? `build ${facts.build} is ready`
    : facts.build
      ? `build ${facts.build} is up to date`
      : 'stopped as asked';
  process.stderr.write(
    `${what}: ${facts.computedRows} rows computed, ${facts.reusedRows} reused, ${seconds.toFixed(1)} s\n`,
  );
  for (const warning of outcome.warnings ?? []) process.stderr.write(`${warning}\n`);
  for (const remark of remarks) process.stderr.write(`${remark}\n`);
  if (facts.tokens !== undefined) process.stderr.write(`tokens for training: ${facts.tokens}\n`);
  if (share > dropThreshold) {
    process.stderr.write(
      `${(share * 100).toFixed(1)} % of the documents were unusable, more than the recipe's dropThreshold\n`,
    );
    process.exitCode = exitCode.tooManyDropped;
  }
  const { waitsFor = [] } = outcome;
  if (waitsFor.length > 0) {
    process.stderr.write(
      `not all is there: ${waitsFor.join(', ')} asked to come back later; run the same command then\n`,
    );
    process.exitCode = exitCode.stopped;
  }
}

function spellFunnel(funnel: readonly FunnelRow[]): string {
  const heading = ['step', 'in', 'out', 'MB out', 'tokens', 'computed', 'reused', 'seconds', 'dropped'];
  const rows = funnel.map((row) => [
    row.step,
    row.documentsIn,
    row.documentsOut,
    Math.round(row.bytesOut / 1e4) / 100,
    row.tokensOut,
    row.computedRows,
    row.reusedRows,
    Math.round(row.seconds * 10) / 10,
    spellDrops(row.drops),
  ]);
  return formatTable(heading, rows);
}

const shownReasons = 3;

/** The commonest reasons: a line of the table stays a line. */
function spellDrops(drops: FunnelRow['drops']): string {
  const reasons = Object.entries(drops).sort(([, a], [, b]) => b - a);
  const shown = reasons.slice(0, shownReasons).map(([reason, amount]) => `${reason} ${amount}`);
  const rest = reasons.slice(shownReasons);
  const others = rest.reduce((sum, [, amount]) => sum + amount, 0);
  return [...shown, ...(rest.length > 0 ? [`${rest.length} other reasons ${others}`] : [])].join(', ');
}
