// `gristmill dropped`: documents that were left out, each with the rule, value and threshold that decided.
import { droppedDocuments, type DroppedDocument } from '@gristmill/corpus';
import type { Command } from 'commander';
import { createLineWriter } from '../json-lines.ts';
import { withCorpus } from '../open-corpus.ts';
import { parseCount } from '../parse-count.ts';
import { formatTable } from '../table.ts';

interface Flags {
  readonly reason?: string;
  readonly source?: string;
  readonly sample?: number;
  readonly json?: boolean;
}

export function registerDropped(program: Command): void {
  program
    .command('dropped')
    .description('Documents that were left out, each with rule, value and threshold')
    .argument('<dir>', 'the corpus')
    .option('--reason <reason>', 'only those: gopher_short_doc, near-duplicate, or a rule as minWords')
    .option('--source <name>', 'only those of one source')
    .option('--sample <n>', `so many of them (default: ${shownDocuments}, with --json all)`, parseCount)
    .option('--json', 'print JSON lines: {id, place, source, stage, reason, rule?, value?, threshold?, …}')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill dropped corpora/web --reason gopher_short_doc --sample 5\n',
    )
    .action((dir: string, { reason, source, sample, json }: Flags) =>
      withCorpus(dir, async (store) => {
        const documents = droppedDocuments(store, { reason, source });
        await (json ? printLines(documents, sample) : printTables(documents, sample ?? shownDocuments));
      }),
    );
}

const shownDocuments = 20;

async function printLines(documents: AsyncIterable<DroppedDocument>, sample = Infinity): Promise<void> {
  const writer = createLineWriter(undefined);
  let written = 0;
  if (sample === 0) return;
  for await (const { kept: _kept, ...document } of documents) {
    await writer.write(document);
    if (++written >= sample) break;
  }
  await writer.close();
}

/** How many by source and reason, then some of them. */
async function printTables(documents: AsyncIterable<DroppedDocument>, sample: number): Promise<void> {
  const counts = new Map<string, number>();
  const shown: DroppedDocument[] = [];
  let total = 0;
  for await (const document of documents) {
    const { source, stage, reason, option } = document;
    const key = JSON.stringify([source, stage, reason, option]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (shown.length < sample) shown.push(document);
    total++;
  }
  if (total === 0) return void process.stdout.write('nothing was left out\n');
  const rows = [...counts].sort(([, a], [, b]) => b - a);
  const cells = rows.map(([key, amount]) => {
    const [source, stage, reason, option] = JSON.parse(key) as string[];
    return [source, stage, reason, amount, option ?? ''];
  });
  process.stdout.write(formatTable(['source', 'stage', 'reason', 'documents', 'option'], cells));
  for (const { id, place, summary } of shown) process.stdout.write(`\n${place} (${id})\n  ${summary}\n`);
  const rest = total - shown.length;
  if (rest > 0)
    process.stderr.write(`${rest.toLocaleString('en-US')} more: --sample N shows more, --json all of them\n`);
}
