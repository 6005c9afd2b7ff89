// `gristmill forget`: removes documents everywhere and for ever, and lists the training steps that saw them.
import { DataError, writeError, exitCode } from '@gristmill/core';
import {
  erasureKinds,
  foreseeForget,
  forget,
  type ErasureKind,
  type ForgetPlan,
  type ForgetReport,
} from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { openCorpus, withCorpus } from '../open-corpus.ts';
import { spellCollection } from '../spell-collection.ts';
import { parseCount } from '../parse-count.ts';
import { untilSignal } from '../until-signal.ts';
import { createTerminalProgress } from '../terminal-progress.ts';

interface Flags {
  readonly runDir?: string[];
  readonly workers?: number;
  readonly requestId?: string;
  readonly received?: string;
  readonly kind?: ErasureKind;
  readonly answer?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerForget(program: Command): void {
  program
    .command('forget')
    .description(
      'Remove documents everywhere and for ever, with every build that holds them; list the steps already trained on them',
    )
    .argument('<dir>', 'the corpus')
    .argument('<name...>', 'URLs, domains, ids, or <source>/<path>')
    .option('--run-dir <dir...>', 'training runs to look into')
    .option('--request-id <id>', 'of the request, for its record (default: forget-000001 …)')
    .option('--received <date>', 'when the request came: 2026-11-30', parseDate)
    .addOption(new Option('--kind <kind>', 'what was asked').choices(erasureKinds))
    .option('--answer <text>', 'what was answered, or where the answer lies')
    .option('--dry-run', 'only say which documents and which builds would go')
    .option('--workers <n>', 'threads; 0 = none (default: one a core)', parseCount)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill forget corpora/web https://example.org/page --run-dir runs/gpt --dry-run\n',
    )
    .action((dir: string, names: string[], flags: Flags) =>
      withCorpus(dir, (store) => forgetNames(store, names, flags)),
    );
}

function parseDate(text: string): string {
  if (/^\d{4}-\d\d-\d\d(?:T.*)?$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('a date is written as 2026-11-30');
}

async function forgetNames(store: Store, names: readonly string[], flags: Flags): Promise<void> {
  const runs = await Promise.all((flags.runDir ?? []).map((run) => openCorpus(run)));
  const { requestId, received: receivedAt, kind, answer } = flags;
  const request = { names, runs, workers: flags.workers, request: { requestId, receivedAt, kind, answer } };
  if (flags.dryRun) return print(await foreseeForget(store, request), flags, spellPlan);
  const progress = createTerminalProgress(process.stderr);
  try {
    const report = await untilSignal((signal) => forget(store, { ...request, progress, signal }));
    print(report, flags, spellReport);
  } catch (error) {
    if (!isStopped(error)) throw error;
    writeError(error);
    process.exitCode = exitCode.stopped;
  } finally {
    progress.close();
  }
}

const isStopped = (error: unknown) =>
  error instanceof DataError && error.cause instanceof DataError && error.cause.code === 'stopped';

function print<T>(result: T, { json }: Flags, spell: (result: T) => string): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : spell(result));
}

function spellPlan({ documents, gc }: ForgetPlan): string {
  return (
    spellDocuments(documents) +
    `${countDocuments(documents)} would be forgotten.\n` +
    `Builds that hold them, which would go: ${gc.removedBuilds.join(', ') || 'none'}. ` +
    `Builds that stay: ${gc.kept.join(', ') || 'none'}.\n` +
    'Nothing is written yet: run it without --dry-run.\n'
  );
}

function spellReport({ documents, build, gc, rewritten, file }: ForgetReport): string {
  const archives = rewritten.length > 0 ? `Rewritten without them: ${rewritten.join(', ')}.\n` : '';
  return (
    spellDocuments(documents) +
    `${countDocuments(documents)} forgotten; build ${build} is without them.\n` +
    spellCollection(gc) +
    archives +
    `The report is kept in ${file}.\n`
  );
}

const countDocuments = ({ length }: readonly unknown[]) =>
  length === 1 ? '1 document' : `${length} documents`;

function spellDocuments(documents: ForgetPlan['documents']): string {
  return documents
    .map(({ id, url, source, trained }) => {
      const seen = trained.map(({ run, steps }) => `; ${steps.length} training steps of ${run} saw it`);
      return `${id}  ${source}${url === undefined ? '' : `  ${url}`}${seen.join('')}\n`;
    })
    .join('');
}
