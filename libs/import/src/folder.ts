// A folder of anything: each file is opened by what it is.

import type { Importer } from '@gristmill/corpus';
import { fileContent } from './content.ts';
import { checkOptions } from './import-item.ts';
import { openItems } from './open-items.ts';
import { recordOptions } from './record-fields.ts';

/**
 * Pages, texts, PDF and Word documents as they are; chapters of EPUB and of Project Gutenberg's texts; papers of arXiv; entries of feeds; records of JSON,
 * JSON lines, CSV, Parquet and Arrow; pages of WARC; files of zip and tar; all of them also compressed. Options: those of
 * `json-documents` for records (without a `textField` the usual names are tried) and the facts of `files`.
 */
export const folderImporter: Importer = {
  name: 'folder',
  version: 3,
  description:
    'Anything: each file, and what lies in archives, is opened by what it is; compressed or not. Options as for JSON.',
  options: recordOptions,
  check: (options) => checkOptions('folder', options, recordOptions),
  items: ({ source, path, location, options }) => openItems(fileContent(location), { source, path, options }),
};
