// The extract stage: the table of raw items becomes the table of documents with their text.
import {
  checkOptions,
  verdictRow,
  type OptionSchema,
  type OptionsOf,
  type Row,
  type RowStage,
} from '@gristmill/core';
import { ruleOfHost } from '@gristmill/text';
import { extractDocument } from './extract-document.ts';
import { readSites, type SiteSelectors } from './site-selectors.ts';

const metadataColumns = [
  'title',
  'author',
  'date',
  'language',
  'licence',
  'siteName',
  'canonicalUrl',
  'role',
] as const;

/** Those that shape what is read. */
const packages =
  '@exodus/bytes cheerio entities fflate html-encoding-sniffer htmlparser2 jschardet mammoth mdast-util-from-markdown mdast-util-gfm mdast-util-math micromark-extension-gfm micromark-extension-math pdfjs-dist yaml'.split(
    ' ',
  );

/** What belongs to a document and is no part of its running text. */
const apart = ['notes', 'references'] as const;

const extractOptions = {
  format: {
    type: 'string',
    values: ['text', 'markdown'],
    otherwise: 'text',
    description: 'Plain text, or Markdown that keeps headings, lists, tables and code.',
  },
  maxBytes: {
    type: 'integer',
    least: 1,
    otherwise: '64 MiB',
    description: 'Greater documents end in the verdict too-large.',
  },
  sites: {
    type: 'object',
    otherwise: 'what is content is judged',
    description:
      "By host, subdomains included: `{'example.org': {keep: 'article', drop: '.ads'}}`, CSS selectors of what is content and of what is not. Put there by the recipe's `sites`. What became of them is the column `selectors`.",
  },
} as const satisfies OptionSchema;

export type ExtractStageOptions = OptionsOf<typeof extractOptions>;

/** Row-wise: bytes in, text and metadata out. What acquire knew beforehand (a book's title) wins over the page. */
export const extractStage: RowStage<ExtractStageOptions> = {
  name: 'extract',
  version: 12,
  description:
    'Bytes to text, the kind by content: HTML, XHTML, PDF, DOCX, JATS XML, LaTeX, Markdown, text; main content only.',
  options: extractOptions,
  reads: ['bytes', 'mediaType', 'charset', 'url', 'path', 'item', 'sourceKind', 'order', ...metadataColumns],
  columns: [
    { name: 'text', type: 'string' },
    ...[...metadataColumns, ...apart].map((name) => ({ name, type: 'string', optional: true }) as const),
    { name: 'kind', type: 'string' },
    /** Of texts whose charset nothing declared: what statistics of their bytes say. */
    { name: 'charsetGuessed', type: 'string', optional: true },
    { name: 'selectors', type: 'string', optional: true },
  ],
  packages,
  check(options) {
    checkOptions(extractOptions, options, { name: 'extract' });
    readSites(options.sites);
  },
  create(options) {
    this.check!(options);
    return (row) => extractRow(row, options);
  },
};

async function extractRow(row: Row, { sites, ...options }: ExtractStageOptions): Promise<Row> {
  const known = (name: string) => (typeof row[name] === 'string' ? row[name] : undefined);
  const url = known('url');
  const result = await extractDocument(
    {
      bytes: row['bytes'] instanceof Uint8Array ? row['bytes'] : new Uint8Array(),
      mediaType: known('mediaType'),
      charset: known('charset'),
      url,
      path: known('item') ?? known('path'),
      // What has a place in its group is a chapter.
      whole: known('sourceKind') === 'book' || typeof row['order'] === 'number',
    },
    { ...options, ...(url !== undefined && sites && { selectors: ruleOfHost(sites, url) as SiteSelectors }) },
  );
  if ('verdict' in result) return verdictRow(row.id, result.verdict);
  const metadata = metadataColumns.map((name) => [name, known(name) ?? result[name]]);
  const beside = apart.map((name) => [name, result[name]]);
  const { text, kind, charsetGuessed, selectors } = result;
  const named = Object.fromEntries([...metadata, ...beside]) as Row;
  return { ...named, id: row.id, text, kind, charsetGuessed, selectors };
}
