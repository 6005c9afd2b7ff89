// The extract stage: the table of raw items becomes the table of documents with their text.
import { DataError, verdictRow, type Row, type RowStage } from '@gristmill/core';
import { extractDocument } from './extract-document.ts';

const metadataColumns = [
  'title',
  'author',
  'date',
  'language',
  'licence',
  'siteName',
  'canonicalUrl',
] as const;

export type ExtractStageOptions = { readonly format?: 'text' | 'markdown'; readonly maxBytes?: number };

/** Row-wise: bytes in, text and metadata out. What acquire knew beforehand (a book's title) wins over the page. */
export const extractStage: RowStage<ExtractStageOptions> = {
  name: 'extract',
  version: 7,
  reads: ['bytes', 'mediaType', 'charset', 'url', 'path', 'item', 'sourceKind', ...metadataColumns],
  columns: [
    { name: 'text', type: 'string' },
    ...metadataColumns.map((name) => ({ name, type: 'string', optional: true }) as const),
    { name: 'kind', type: 'string' },
  ],
  packages: ['entities', 'html-encoding-sniffer', 'htmlparser2', 'pdfjs-dist'],
  create(options) {
    checkOptions(options);
    return (row) => extractRow(row, options);
  },
};

function checkOptions(options: ExtractStageOptions): void {
  const { format, maxBytes, ...unknown } = options;
  const name = Object.keys(unknown)[0];
  if (name !== undefined) {
    throw new DataError(
      'unknown-option',
      `extract has no option ${name}`,
      'its options are format and maxBytes',
    );
  }
  if (format !== undefined && format !== 'text' && format !== 'markdown') {
    throw new DataError(
      'bad-option',
      `extract cannot write format ${String(format)}`,
      'use text or markdown',
    );
  }
  if (maxBytes !== undefined && !(maxBytes > 0)) {
    throw new DataError(
      'bad-option',
      `maxBytes of extract is ${String(maxBytes)}`,
      'give a number of bytes above 0',
    );
  }
}

async function extractRow(row: Row, options: ExtractStageOptions): Promise<Row> {
  const known = (name: string) => (typeof row[name] === 'string' ? row[name] : undefined);
  const result = await extractDocument(
    {
      bytes: row['bytes'] instanceof Uint8Array ? row['bytes'] : new Uint8Array(),
      mediaType: known('mediaType'),
      charset: known('charset'),
      url: known('url'),
      path: known('item') ?? known('path'),
      whole: known('sourceKind') === 'book',
    },
    options,
  );
  if ('verdict' in result) return verdictRow(row.id, result.verdict);
  const metadata = metadataColumns.map((name) => [name, known(name) ?? result[name]]);
  return { id: row.id, text: result.text, ...Object.fromEntries(metadata), kind: result.kind };
}
