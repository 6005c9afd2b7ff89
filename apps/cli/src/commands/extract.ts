// `gristmill extract`: files and folders to JSON lines of text and metadata, by the same function as the extract stage.
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataError } from '@gristmill/core';
import { extractDocument, sniffBytes, type ExtractResult } from '@gristmill/extract';
import { epubImporter } from '@gristmill/import';
import { InvalidArgumentError, type Command } from 'commander';
import { createLineWriter, type LineWriter } from '../json-lines.ts';

interface Flags {
  // Passed on as the options of `extractDocument`.
  readonly out?: string;
  readonly format: 'text' | 'markdown';
  readonly explain?: boolean;
}

/** A file to read and the id of its line. */
interface Input {
  readonly file: string;
  readonly id: string;
}

export function registerExtract(program: Command): void {
  program
    .command('extract')
    .description('Text and metadata of files and folders as JSON lines')
    .argument('<path...>', 'files or folders: HTML, XHTML, EPUB, PDF, JATS XML, LaTeX, Markdown, text')
    .option('--out <file>', 'write there instead of standard output')
    .option('--format <format>', 'text or markdown', parseFormat, 'text')
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
  const inputs = (await Promise.all(paths.map(findInputs))).flat();
  const writer = createLineWriter(flags.out);
  try {
    for (const input of inputs) await writeDocument(input, flags, writer);
  } finally {
    await writer.close();
  }
}

/** A file is named by its base name, a file of a folder by its path in it; folders are read in sorted order. */
async function findInputs(path: string): Promise<Input[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new DataError('input-missing', `${path} does not exist`, 'name files or folders that exist');
  }
  if (!found.isDirectory()) return [{ file: path, id: basename(path) }];
  return walk(path, '');
}

async function walk(root: string, folder: string): Promise<Input[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const inputs: Input[] = [];
  for (const entry of entries) {
    const id = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) inputs.push(...(await walk(root, id)));
    else if (entry.isFile()) inputs.push({ file: join(root, id), id });
  }
  return inputs;
}

async function writeDocument({ file, id }: Input, flags: Flags, writer: LineWriter): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    await writer.write({ id, error: { code: 'unreadable', message: `the file cannot be read (${reason})` } });
    return;
  }
  if (sniffBytes(bytes) === 'epub') return writeChapters({ file, id }, flags, writer);
  await writer.write(describe(id, await extractDocument({ bytes, path: id }, flags)));
}

/** One line a chapter, named path#href; a book that cannot be opened is one line with an error. */
async function writeChapters({ file, id }: Input, flags: Flags, writer: LineWriter): Promise<void> {
  const book = { source: { name: 'extract', kind: 'book' }, path: id, location: file, options: {} } as const;
  for await (const item of epubImporter.items(book)) {
    const line = item.source.item === undefined ? id : `${id}#${item.source.item}`;
    const { bytes, mediaType, charset, metadata } = item;
    const result: ExtractResult = item.verdict
      ? { verdict: item.verdict }
      : await extractDocument({ bytes, mediaType, charset, path: item.source.item, whole: true }, flags);
    // What the book says of itself wins, as in the extract stage.
    await writer.write(describe(line, 'verdict' in result ? result : { ...result, ...metadata }));
  }
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
};

function describe(id: string, result: ExtractResult): object {
  if ('verdict' in result) {
    const { reason, detail } = result.verdict;
    const message = messages[reason] ?? 'the file cannot be read';
    return {
      id,
      error: { code: reason, message: detail === undefined ? message : `${message} (${detail})` },
    };
  }
  const { text, title, author, date, language, licence, kind, explanation } = result;
  return { id, text, title, author, date, language, licence, kind, explanation };
}
