// `gristmill forget`: removes documents everywhere and for ever, and lists the training steps that saw them.
import { exitCode } from '@gristmill/core';
import { forget } from '@gristmill/corpus';
import type { Command } from 'commander';
import { openCorpus, withCorpus } from '../open-corpus.ts';
import { createTerminalProgress } from '../terminal-progress.ts';

interface Flags {
  readonly runDir?: string[];
  readonly workers?: string;
}

export function registerForget(program: Command): void {
  program
    .command('forget')
    .description('Remove documents everywhere and for ever; list the steps already trained on them')
    .argument('<dir>', 'the corpus')
    .argument('<name...>', 'URLs, domains, ids, or <source>/<path>')
    .option('--run-dir <dir...>', 'training runs to look into')
    .option('--workers <n>', 'threads')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill forget corpora/web https://example.org/page --run-dir runs/gpt\n',
    )
    .action((dir: string, names: string[], flags: Flags) =>
      withCorpus(dir, async (store) => {
        const runs = await Promise.all((flags.runDir ?? []).map((run) => openCorpus(run)));
        const workers = flags.workers === undefined ? undefined : Number(flags.workers);
        const report = await forget(store, {
          names,
          runs,
          workers,
          progress: createTerminalProgress(process.stderr),
        });
        process.stdout.write(`${JSON.stringify(report)}\n`);
        const steps = report.documents
          .flatMap(({ trained }) => trained)
          .reduce((sum, run) => sum + run.steps.length, 0);
        process.stderr.write(
          `${report.documents.length} documents forgotten, build ${report.build} is without them; ${steps} training steps saw them; the report is kept in ${report.file}\n`,
        );
        process.exitCode = exitCode.done;
      }),
    );
}
