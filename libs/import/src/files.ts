// A file as it is: one item with the bytes, whatever they are. The media type is a guess by the name's ending; extract
// decides by content.

import { extname } from 'node:path/posix';
import type { Importer } from '@gristmill/corpus';
import {
  checkOptions,
  createItem,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  readImportFile,
} from './import-item.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.htm': 'text/html',
  '.xhtml': 'application/xhtml+xml',
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.txt': 'text/plain',
  '.xml': 'application/xml',
  '.json': 'application/json',
  '.tex': 'application/x-tex',
  '.pdf': 'application/pdf',
  '.epub': 'application/epub+zip',
};

/** `text/html` for `a/b.html`; octets for an ending that says nothing. */
export function mediaTypeByName(path: string): string {
  return mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

/** Options: title, author, date, language, licence, siteName: facts that hold for every file of the source. */
export const filesImporter: Importer = {
  name: 'files',
  version: 1,
  description:
    'A file is a document, whatever it is: HTML, PDF, Markdown, text. Extract reads it by its content.',
  options: defaultsOptions,
  check: (options) => checkOptions('files', options, defaultsOptions),
  async *items(file) {
    const bytes = await readImportFile(file);
    const mediaType = mediaTypeByName(file.path);
    if (typeof bytes === 'string') yield createVerdict(file, bytes, { mediaType });
    else yield createItem(file, { bytes, mediaType, metadata: defaultsOf(file.options) });
  },
};
