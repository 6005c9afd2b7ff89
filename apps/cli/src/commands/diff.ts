// `gristmill diff` and `gristmill what-if`: documents and tokens gained and lost, by reason, domain, language, source.
import { DataError, type Json } from '@gristmill/core';
import { diffBuilds, whatIf, type BuildDiff } from '@gristmill/corpus';
import type { Command } from 'commander';
import { withCorpus } from '../open-corpus.ts';
import { formatTable, type Cell } from '../table.ts';
import { parseCount } from '../parse-count.ts';
import { createTerminalProgress } from '../terminal-progress.ts';

export function registerDiff(program: Command): void {
  program
    .command('diff')
    .description('Documents, bytes and tokens that one build has and another has not')
    .argument('<dir>', 'the corpus')
    .argument('<build-a>', 'the older build, or the beginning of its name')
    .argument('<build-b>', 'the newer build')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  gristmill diff corpora/web 1a2b3c4d5e6f 0f1e2d3c4b5a\n')
    .action((dir: string, a: string, b: string, flags: { json?: boolean }) =>
      withCorpus(dir, async (store) => print(await diffBuilds(store, a, b), flags.json)),
    );
}

export function registerWhatIf(program: Command): void {
  program
    .command('what-if')
    .description('What a changed option would gain and lose, without changing anything')
    .argument('<dir>', 'the corpus')
    .requiredOption('--set <path=value...>', 'stage.option=value; the value is JSON, or else a string')
    .option('--workers <n>', 'threads; 0 = none (default: one a core)', parseCount)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill what-if corpora/web --set select.gopher.maxBulletFraction=0.8\n',
    )
    .action((dir: string, flags: { set: string[]; workers?: number; json?: boolean }) =>
      withCorpus(dir, async (store) => {
        const set = Object.fromEntries(flags.set.map(parseSetting));
        const { workers } = flags;
        print(
          await whatIf(store, { set, workers, progress: createTerminalProgress(process.stderr) }),
          flags.json,
        );
      }),
    );
}

function parseSetting(text: string): [string, Json] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new DataError('wrong-setting', `--set ${text} has no value`, 'write --set select.minScore=0.5');
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value) as Json];
  } catch {
    return [text.slice(0, at), value];
  }
}

function print(diff: BuildDiff, json: boolean | undefined): void {
  if (json) return void process.stdout.write(`${JSON.stringify(diff)}\n`);
  const rows: Cell[][] = [];
  for (const side of ['gained', 'lost'] as const) {
    const { documents, tokens, bytes, by } = diff[side];
    rows.push([side, 'all', '', documents, tokens, bytes]);
    for (const [kind, tallies] of Object.entries(by)) {
      for (const [name, tally] of Object.entries(tallies)
        .sort(([a, x], [b, y]) => y.documents - x.documents || (a < b ? -1 : 1))
        .slice(0, 20)) {
        rows.push([side, kind, name, tally.documents, tally.tokens, tally.bytes]);
      }
    }
  }
  for (const [way, { documents, tokens, bytes }] of Object.entries(diff.splits))
    rows.push(['moved', 'split', way, documents, tokens, bytes]);
  process.stdout.write(formatTable(['', 'by', 'name', 'documents', 'tokens', 'bytes'], rows));
  process.stdout.write(`${diff.changedSplit} documents changed split\n`);
  if (diff.tokensEstimated)
    process.stderr.write('tokens are estimated from bytes: the changed corpus is not tokenised\n');
}
