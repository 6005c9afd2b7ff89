// `gristmill extract`: files and folders to JSON lines of text and metadata, by the same function as the extract stage.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DataError, type RawItem } from '@gristmill/core';
import { checkSelectors, extractDocument, type ExtractOptions, type ExtractResult } from '@gristmill/extract';
import { fileContent, openItems } from '@gristmill/import';
import { listFiles, locateFile } from '@gristmill/storage';
import { InvalidArgumentError, type Command } from 'commander';
import { createLineWriter, type LineWriter } from '../json-lines.ts';

interface Flags {
  readonly out?: string;
  readonly format: 'text' | 'markdown';
  readonly explain?: boolean;
  readonly keep?: string;
  readonly drop?: string;
}

/** A file to read and the id of its line. */
interface Input {
  readonly file: string | Buffer;
  readonly id: string;
}

export function registerExtract(program: Command): void {
  program
    .command('extract')
    .description('Text and metadata of files and folders as JSON lines')
    .argument('<path...>', 'files or folders: pages, books, PDF, articles, feeds, records, archives')
    .option('--out <file>', 'write there instead of standard output')
    .option('--format <format>', 'text or markdown', parseFormat, 'text')
    .option('--keep <selector>', 'CSS selector of what is the content of pages, to try one for a recipe')
    .option('--drop <selector>', 'CSS selector of what is not')
    .option('--explain', 'add for pages which block stayed, by which extractor and why')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill extract README.md docs --format markdown --out docs.jsonl\n',
    )
    .action(runExtract);
}

function parseFormat(value: string): string {
  if (value === 'text' || value === 'markdown') return value;
  throw new InvalidArgumentError('use text or markdown.');
}

async function runExtract(paths: string[], flags: Flags): Promise<void> {
  const options = optionsOf(flags);
  const inputs = (await Promise.all(paths.map(findInputs))).flat();
  const writer = createLineWriter(flags.out);
  try {
    for (const input of inputs) await writeDocuments(input, options, writer);
  } finally {
    await writer.close();
  }
}

function optionsOf({ format, explain, keep, drop }: Flags): ExtractOptions {
  if (keep === undefined && drop === undefined) return { format, explain };
  const selectors = { keep, drop };
  checkSelectors(selectors, 'the command');
  return { format, explain, selectors };
}

/** A file is named by its base name, a file of a folder by its path in it; folders are read in sorted order. */
async function findInputs(path: string): Promise<Input[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new DataError('input-missing', `${path} does not exist`, 'name files or folders that exist');
  }
  if (!found.isDirectory()) return [{ file: path, id: basename(path) }];
  const ids = (await listFiles(path)).sort((a, b) => (a < b ? -1 : 1));
  return ids.map((id) => ({ file: locateFile(path, id), id }));
}

/** A line an item: a file as a whole, a chapter, an entry, a record. Items of a file are named path#item. */
async function writeDocuments(
  { file, id }: Input,
  options: ExtractOptions,
  writer: LineWriter,
): Promise<void> {
  const source = { name: 'extract', kind: 'web' } as const;
  for await (const item of openItems(fileContent(file), { source, path: id, wholeTexts: true })) {
    const line = item.source.item === undefined ? id : `${id}#${item.source.item}`;
    const result = await extractItem(item, id, options);
    // What a book, a feed or a record says of itself wins, as in the extract stage.
    await writer.write(describe(line, 'verdict' in result ? result : { ...result, ...item.metadata }));
  }
}

function extractItem(item: RawItem, path: string, options: ExtractOptions): Promise<ExtractResult> {
  const { bytes, mediaType, charset, metadata, source } = item;
  if (item.verdict) return Promise.resolve({ verdict: item.verdict });
  if (source.item === undefined) return extractDocument({ bytes, path }, options);
  const whole = metadata?.order !== undefined;
  return extractDocument({ bytes, mediaType, charset, path: source.item, whole }, options);
}

const messages: Readonly<Record<string, string | undefined>> = {
  empty: 'the file is empty',
  binary: 'the file is not text',
  unsupported: 'this kind of file holds no text that can be read',
  'too-large': 'the file is larger than one document may be',
  encrypted: 'the file is protected',
  damaged: 'the file is damaged',
  'too-deep': 'the file is nested too deeply',
  'no-text': 'no text was found in the file',
  'needs-ocr': 'the file shows text that can only be recognised from its pictures',
  unreadable: 'the file cannot be read',
  truncated: 'the file breaks off',
  'bad-json': 'this is no JSON',
  'bad-charset': 'this is not in the charset of the file',
  'dataset-card': 'this describes a data set',
};

/** What of a document a line shows, in this order. */
const shown = [
  ...(['text', 'title', 'author', 'date', 'language', 'licence'] as const),
  ...(['kind', 'role', 'notes', 'references', 'selectors', 'explanation'] as const),
] as const;

function describe(id: string, result: ExtractResult): object {
  if ('verdict' in result) {
    const { reason, detail } = result.verdict;
    const message = messages[reason] ?? 'the file cannot be read';
    return {
      id,
      error: { code: reason, message: detail === undefined ? message : `${message} (${detail})` },
    };
  }
  return { id, ...Object.fromEntries(shown.map((name) => [name, result[name]])) };
}
