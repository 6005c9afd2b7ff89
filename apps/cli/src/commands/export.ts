// `gristmill export`: the selected corpus for other tools, as texts or as the tokens of its shards.
import { DataError, type Column } from '@gristmill/core';
import { openBuiltTokens, openSelected, type SelectedDocument } from '@gristmill/corpus';
import { prepareText } from '@gristmill/pack';
import { exportTexts, exportTokens, tokenFormats, type ExportRow } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { Option, type Command } from 'commander';
import { withCorpus } from '../open-corpus.ts';
import { parsePositive } from '../parse-count.ts';

const textFormats = ['parquet', 'jsonl'] as const;
type TextFormat = (typeof textFormats)[number];

interface Flags {
  readonly format: string;
  readonly out: string;
  readonly compress?: 'gzip' | 'zstd';
  readonly maxFileSize?: number;
  readonly force?: boolean;
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('The selected corpus, or its tokens, for other tools')
    .argument('<dir>', 'the corpus')
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices([...textFormats, ...tokenFormats])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <dir>', 'folder to write to')
    .addOption(
      new Option('--compress <codec>', 'of jsonl and parquet (default: jsonl plain, parquet snappy)').choices(
        ['gzip', 'zstd'],
      ),
    )
    .option(
      '--max-file-size <bytes>',
      'of jsonl and parquet: several files, none larger but for a single document that is',
      parsePositive,
    )
    .option('--force', 'replace an export of this format that stands there')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  gristmill export corpora/web --format parquet --out exported\n' +
        '  gristmill export corpora/web --format jsonl --compress zstd --max-file-size 500000000 --out exported\n' +
        '  gristmill export corpora/web --format nanogpt --out data/web\n',
    )
    .action((dir: string, flags: Flags) =>
      withCorpus(dir, (store) =>
        isTextFormat(flags.format) ? writeTexts(store, flags.format, flags) : writeTokens(store, flags),
      ),
    );
}

const isTextFormat = (format: string): format is TextFormat =>
  (textFormats as readonly string[]).includes(format);

async function writeTexts(store: Store, format: TextFormat, flags: Flags): Promise<void> {
  const { out, compress, maxFileSize, force } = flags;
  const selected = await openSelected(store);
  const columns = columnsWith(selected.signals);
  let documents = 0;
  const rows = async function* () {
    for await (const document of selected.documents()) {
      yield exportedRow(document);
      documents++;
    }
  };
  const files = await exportTexts(out, rows(), { format, columns, compress, maxFileSize, force });
  const names = files.length === 1 ? files[0].path : `${files[0].path} to ${files.at(-1)!.path}`;
  process.stderr.write(`${documents} documents written to ${out}: ${names}\n`);
}

async function writeTokens(store: Store, { format, out, force, ...texts }: Flags): Promise<void> {
  if ((texts.compress ?? texts.maxFileSize) !== undefined)
    throw new DataError(
      'export-options',
      `--compress and --max-file-size are for texts, and ${format} holds tokens`,
      `leave them out, or export to ${textFormats.join(' or ')}`,
    );
  const tokens = await openBuiltTokens(store);
  try {
    const files = await exportTokens(tokens, format, out, { force });
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    process.stderr.write(`${files.length} files, ${bytes} bytes written to ${out}\n`);
  } finally {
    await tokens.close();
  }
}

const required = ['id', 'text', 'source', 'split'];
const names = ['id', 'text', 'source', 'group', 'url', 'title', 'author', 'date', 'language', 'licence'];

function columnsWith(signals: readonly Column[]) {
  const texts = (list: readonly string[]) =>
    list.map((name): Column => ({ name, type: 'string', optional: !required.includes(name) }));
  const fields = signals.map((column) => ({ ...column, optional: true }));
  return [...texts(names), ...(fields.length > 0 ? [{ name: 'signals', fields }] : []), ...texts(['split'])];
}

/** The text as pack tokenises it: passages that select removes are cut out, personal data is masked. */
function exportedRow({ removals, personalData, ...row }: SelectedDocument): ExportRow {
  const { text } = prepareText(row.text, removals, personalData as Parameters<typeof prepareText>[2], row.id);
  return { ...row, text };
}
