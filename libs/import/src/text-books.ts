// Whole books in plain text, one a file (Project Gutenberg's editions and their like): an item for each chapter, all in
// one group.

import type { OptionSchema, RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { decodeText } from '@gristmill/text';
import { divideBook } from './book-chapters.ts';
import { readBook } from './book-matter.ts';
import { fileContent, readAll, type Content } from './content.ts';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  failed,
  groupOf,
  isBinary,
  withoutNuls,
  type Place,
} from './import-item.ts';
import { unpack } from './unpack.ts';

const bookOptions = {
  charset: { type: 'string', otherwise: 'found by content', description: 'Where it is known: windows-1252.' },
  ...defaultsOptions,
} as const satisfies OptionSchema;

/** Options: charset, where it is known, and the facts of `files`. */
export const textBooksImporter: Importer = {
  name: 'text-books',
  version: 4,
  description:
    'Books in plain text, one a file (Project Gutenberg and its like): a document for each chapter, all of one group.',
  options: bookOptions,
  check: (options) => checkOptions('text-books', options, bookOptions),
  async *items(file) {
    try {
      yield* bookItems(file, (await unpack(fileContent(file.location))).content);
    } catch (error) {
      yield failed(file, error);
    }
  },
};

/** Throws ContentError. */
export async function* bookItems(place: Place, content: Content): AsyncGenerator<RawItem> {
  const bytes = withoutNuls(await readAll(content));
  if (isBinary(bytes)) return yield createVerdict(place, 'binary');
  const charset = place.options.charset as string | undefined;
  const { text, metadata } = readBook(decodeText(bytes, { charset, markup: 'none' }).text);
  const chapters = divideBook(text);
  if (chapters.length === 0) return yield createVerdict(place, 'empty');
  const group = groupOf(place);
  const nameOf = createNamer();
  const encoder = new TextEncoder();
  const { title: partOf, ...facts } = { ...defaultsOf(place.options), ...metadata };
  for (const [order, { name, title = partOf, text: chapter }] of chapters.entries()) {
    yield createItem(place, {
      item: nameOf(name),
      bytes: encoder.encode(chapter),
      mediaType: 'text/plain',
      charset: 'utf-8',
      group,
      metadata: { ...(title && { title }), ...(partOf && { partOf }), ...facts, order },
    });
  }
}
