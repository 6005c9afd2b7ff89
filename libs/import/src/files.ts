// A file as it is: one item with the bytes, whatever they are, without the compression around them.

import type { RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { fileContent, maxFileBytes, readAll, type Content } from './content.ts';
import { checkOptions, createItem, defaultsOf, defaultsOptions, failed, type Place } from './import-item.ts';
import { mediaTypeByName } from './media-type.ts';
import { unpack } from './unpack.ts';

/** Options: title, author, date, language, licence, siteName: facts that hold for every file of the source. */
export const filesImporter: Importer = {
  name: 'files',
  version: 4,
  description:
    'A file is a document, whatever it is: HTML, PDF, Markdown, text. Extract reads it by its content.',
  options: defaultsOptions,
  check: (options) => checkOptions('files', options, defaultsOptions),
  async *items(file) {
    const mediaType = mediaTypeByName(file.path);
    try {
      const { content, name } = await unpack(fileContent(file.location), file.path);
      yield await fileItem(file, content, { mediaType: mediaTypeByName(name) });
    } catch (error) {
      yield failed(file, error, mediaType);
    }
  },
};

export interface FileFacts {
  readonly mediaType: string;
  readonly charset?: string;
  readonly url?: string;
}

/** All of a content as one item. Throws ContentError. */
export async function fileItem(place: Place, content: Content, facts: FileFacts): Promise<RawItem> {
  const bytes = await readAll(content, maxFileBytes);
  return createItem(place, { bytes, ...facts, metadata: defaultsOf(place.options) });
}
