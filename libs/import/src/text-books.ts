// Whole books in plain text, one a file (Project Gutenberg's editions and their like): an item for each chapter, all in
// one group.

import { documentId, type OptionSchema } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { decodeText } from '@gristmill/text';
import { divideBook } from './book-chapters.ts';
import { readBook } from './book-matter.ts';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  isBinary,
  readImportFile,
} from './import-item.ts';

const bookOptions = {
  charset: { type: 'string', otherwise: 'found by content', description: 'Where it is known: windows-1252.' },
  ...defaultsOptions,
} as const satisfies OptionSchema;

/** Options: charset, where it is known, and the facts of `files`. */
export const textBooksImporter: Importer = {
  name: 'text-books',
  version: 1,
  description:
    'Books in plain text, one a file (Project Gutenberg and its like): a document for each chapter, all of one group.',
  options: bookOptions,
  check: (options) => checkOptions('text-books', options, bookOptions),
  async *items(file) {
    const bytes = await readImportFile(file);
    if (typeof bytes === 'string') return yield createVerdict(file, bytes);
    if (isBinary(bytes)) return yield createVerdict(file, 'binary');
    const charset = file.options.charset as string | undefined;
    const { text, metadata } = readBook(decodeText(bytes, { charset, markup: 'none' }).text);
    const chapters = divideBook(text);
    if (chapters.length === 0) return yield createVerdict(file, 'empty');
    const group = documentId({ name: file.source.name, path: file.path });
    const nameOf = createNamer();
    const encoder = new TextEncoder();
    for (const [order, { name, text: chapter }] of chapters.entries()) {
      yield createItem(file, {
        item: nameOf(name),
        bytes: encoder.encode(chapter),
        mediaType: 'text/plain',
        charset: 'utf-8',
        group,
        metadata: { ...defaultsOf(file.options), ...metadata, order },
      });
    }
  },
};
