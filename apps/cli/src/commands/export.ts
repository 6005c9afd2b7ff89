// `gristmill export`: the selected corpus for other tools, as texts or as the tokens of its shards.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBuiltTokens, selectedDocuments, type SelectedDocument } from '@gristmill/corpus';
import { prepareText } from '@gristmill/pack';
import { createParquetExport, exportTokens, tokenFormats } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { InvalidArgumentError, type Command } from 'commander';
import { createLineWriter } from '../json-lines.ts';
import { withCorpus } from '../open-corpus.ts';

const textFormats = ['parquet', 'jsonl'];
const formats = [...textFormats, ...tokenFormats];

interface Flags {
  readonly format: string;
  readonly out: string;
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('The selected corpus, or its tokens, for other tools')
    .argument('<dir>', 'the corpus')
    .requiredOption('--format <format>', `one of ${formats.join(', ')}`, parseFormat)
    .requiredOption('--out <dir>', 'folder to write to')
    .addHelpText(
      'after',
      '\nExamples:\n  gristmill export corpora/web --format parquet --out exported\n  gristmill export corpora/web --format nanogpt --out data/web\n',
    )
    .action((dir: string, flags: Flags) =>
      withCorpus(dir, async (store) => {
        await mkdir(flags.out, { recursive: true });
        await (textFormats.includes(flags.format) ? writeTexts : writeTokens)(store, flags);
      }),
    );
}

async function writeTexts(store: Store, flags: Flags): Promise<void> {
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
}

async function writeTokens(store: Store, flags: Flags): Promise<void> {
  const tokens = await openBuiltTokens(store);
  try {
    const files = await exportTokens(tokens, flags.format, flags.out);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    process.stderr.write(`${files.length} files, ${bytes} bytes written to ${flags.out}\n`);
  } finally {
    await tokens.close();
  }
}

function parseFormat(value: string): string {
  if (formats.includes(value)) return value;
  throw new InvalidArgumentError(`use one of ${formats.join(', ')}.`);
}

const columns = ['id', 'text', 'source', 'group', 'url', 'language', 'licence', 'split'];
const optional = ['group', 'url', 'language', 'licence'];

function openWriter(file: string, format: string) {
  return format === 'jsonl' ? createLineWriter(file) : createParquetExport(file, columns, optional);
}

/** The text as pack tokenises it: passages that select removes are cut out, personal data is masked. */
function exportedRow({ removals, personalData, ...row }: SelectedDocument) {
  const { text } = prepareText(row.text, removals, personalData as Parameters<typeof prepareText>[2], row.id);
  return { ...row, text };
}
