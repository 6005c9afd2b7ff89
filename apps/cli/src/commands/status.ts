// `gristmill status`: what is built, stale or missing, and why.
import { corpusStatus } from '@gristmill/corpus';
import type { Command } from 'commander';
import { withCorpus } from '../open-corpus.ts';
import { formatTable } from '../table.ts';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('What is built, stale or missing, and why')
    .argument('<dir>', 'the corpus')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  gristmill status corpora/web\n')
    .action((dir: string, flags: { json?: boolean }) =>
      withCorpus(dir, async (store) => {
        const status = await corpusStatus(store);
        if (flags.json) return void process.stdout.write(`${JSON.stringify(status)}\n`);
        process.stdout.write(`${status.location}: builds ${status.builds.join(', ') || 'none'}\n`);
        const rows = status.steps.map(({ step, state, parts, rows, bytes, why }) => [
          step,
          state,
          parts,
          rows,
          bytes,
          why ?? '',
        ]);
        if (rows.length > 0)
          process.stdout.write(formatTable(['step', 'state', 'parts', 'rows', 'bytes', 'why'], rows));
        for (const note of status.notes) process.stderr.write(`${note}\n`);
      }),
    );
}
