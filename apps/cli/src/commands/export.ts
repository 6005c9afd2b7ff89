// `gristmill export`: the selected corpus for other tools.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { selectedDocuments, type SelectedDocument } from '@gristmill/corpus';
import { prepareText } from '@gristmill/pack';
import { createParquetExport } from '@gristmill/shards';
import { InvalidArgumentError, type Command } from 'commander';
import { createLineWriter } from '../json-lines.ts';
import { withCorpus } from '../open-corpus.ts';

const formats = ['parquet', 'jsonl'] as const;

interface Flags {
  readonly format: (typeof formats)[number];
  readonly out: string;
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('The selected corpus for other tools')
    .argument('<dir>', 'the corpus')
    .requiredOption('--format <format>', `one of ${formats.join(', ')}`, parseFormat)
    .requiredOption('--out <dir>', 'folder to write to')
    .addHelpText('after', '\nExample:\n  gristmill export corpora/web --format parquet --out exported\n')
    .action((dir: string, flags: Flags) =>
      withCorpus(dir, async (store) => {
        await mkdir(flags.out, { recursive: true });
        const file = join(flags.out, `documents.${flags.format}`);
        const writer = await openWriter(file, flags.format);
        let documents = 0;
        try {
          for await (const document of selectedDocuments(store)) {
            await writer.write(exportedRow(document));
            documents++;
          }
        } finally {
          await writer.close();
        }
        process.stderr.write(`${documents} documents written to ${file}\n`);
      }),
    );
}

function parseFormat(value: string): string {
  if ((formats as readonly string[]).includes(value)) return value;
  throw new InvalidArgumentError(`use one of ${formats.join(', ')}.`);
}

const columns = ['id', 'text', 'source', 'group', 'url', 'language', 'licence', 'split'];
const optional = ['group', 'url', 'language', 'licence'];

function openWriter(file: string, format: Flags['format']) {
  return format === 'jsonl' ? createLineWriter(file) : createParquetExport(file, columns, optional);
}

/** The text as pack tokenises it: passages that select removes are cut out, personal data is masked. */
function exportedRow({ removals, personalData, ...row }: SelectedDocument) {
  const { text } = prepareText(row.text, removals, personalData as Parameters<typeof prepareText>[2], row.id);
  return { ...row, text };
}
