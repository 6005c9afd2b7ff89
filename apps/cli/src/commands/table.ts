// `gristmill table`: the rows of any step, as JSON lines or as an Arrow IPC stream.
import { once } from 'node:events';
import { openBuild, openStepTable, requireManifest, type StepTable } from '@gristmill/corpus';
import { arrowStream, batchRows } from '@gristmill/shards';
import { Option, type Command } from 'commander';
import { createLineWriter } from '../json-lines.ts';
import { withCorpus } from '../open-corpus.ts';
import { readableRow } from '../readable-values.ts';

interface Flags {
  readonly format: 'jsonl' | 'arrow';
  readonly columns?: string;
}

export function registerTable(program: Command): void {
  program
    .command('table')
    .description('The rows of any step of the newest build')
    .argument('<dir>', 'the corpus')
    .argument('<step>', 'acquire, clean, annotate-language, select/decisions …: status lists the steps')
    .addOption(
      new Option('--format <format>', 'JSON lines, or an Arrow IPC stream')
        .choices(['jsonl', 'arrow'])
        .default('jsonl'),
    )
    .option('--columns <names>', 'only these, divided by commas (default: all)')
    .addHelpText(
      'after',
      `
A barrier stage's name alone stands for the table that says what became of documents: select for select/decisions.
In JSON lines, bytes are a string where they are UTF-8 and else {"base64": …}; hashes are lists of 16 hex digits, spans
lists of [start, end]. In Arrow they are binary, and JSON columns text.

Examples:
  gristmill table corpora/web select/decisions
  gristmill table corpora/web acquire --columns url,statements
  gristmill table corpora/web clean --format arrow > clean.arrows
`,
    )
    .action((dir: string, step: string, { format, columns }: Flags) =>
      withCorpus(dir, async (store) => {
        const build = await openBuild(store, await requireManifest(store));
        const table = await openStepTable(build, step);
        const names = columns?.split(',').map((name) => name.trim());
        await (format === 'arrow' ? writeArrow(table, names) : writeLines(table, names));
      }),
    );
}

async function writeLines(table: StepTable, names: readonly string[] | undefined): Promise<void> {
  const writer = createLineWriter(undefined);
  const columns = names ?? table.columns.map(({ name }) => name);
  const types = new Map(table.columns.map(({ name, type }) => [name, type]));
  const key = table.columns[0]?.name ?? 'id';
  for await (const batch of table.batches(columns))
    for (const row of batchRows(batch, key, columns)) await writer.write(readableRow(table.name, row, types));
  await writer.close();
}

async function writeArrow(table: StepTable, names: readonly string[] | undefined): Promise<void> {
  const [key, ...others] = table.columns;
  const columns =
    key === undefined ? [] : [key, ...others.filter(({ name }) => names?.includes(name) ?? true)];
  const batches = table.batches(names);
  for await (const chunk of arrowStream(columns, batches))
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
}
