// One raw item becomes one document: bytes → kind → text with metadata. A document that cannot be used is a verdict.
// Limits are counts; the kind is found in the content, whatever the name or the declared type says.

import type { Verdict } from '@gristmill/core';
import { decodeText } from '@gristmill/text';
import { extractDocx } from './docx.ts';
import { extractHtml, type HtmlExplanation, type HtmlOptions } from './extract-html.ts';
import { extractJats } from './jats.ts';
import { extractLatex } from './latex.ts';
import { extractPdf } from './pdf.ts';
import { extractMarkdown } from './markdown.ts';
import { extractPlainText } from './plain-text.ts';
import type { TextFormat } from './render.ts';
import type { SelectorOutcome, SiteSelectors } from './site-selectors.ts';
import { readableText, sniffBytes, sniffText, type Kind } from './sniff-kind.ts';
import { extractWikitext } from './wikitext.ts';

export interface ExtractItem {
  readonly bytes: Uint8Array;
  readonly mediaType?: string;
  /** Charset that the transport declared. */
  readonly charset?: string;
  readonly url?: string;
  readonly path?: string;
  /** The item is a chapter of a book: all that it shows is content. */
  readonly whole?: boolean;
}

export interface ExtractOptions {
  /** `text` unless told otherwise. */
  readonly format?: TextFormat;
  /** Larger documents get a verdict; default 64 MiB. */
  readonly maxBytes?: number;
  /** Which elements of a page are its content. */
  readonly selectors?: SiteSelectors;
  /** Add the record of a page's blocks: which stayed, which extractor decided, and why. */
  readonly explain?: boolean;
}

export interface ExtractedDocument {
  readonly text: string;
  readonly title?: string;
  readonly author?: string;
  readonly date?: string;
  readonly language?: string;
  readonly licence?: string;
  readonly siteName?: string;
  readonly canonicalUrl?: string;
  /** The charset, where nothing declared it and statistics of the bytes decided. */
  readonly charsetGuessed?: string;
  /** Footnotes and endnotes, in order: `text` is without them. */
  readonly notes?: string;
  /** The works that are cited, one a line. */
  readonly references?: string;
  /** `notes`: the document holds nothing else. */
  readonly role?: string;
  readonly kind: DocumentKind;
  readonly format: TextFormat;
  /** What became of the page's selectors, where it has some. */
  readonly selectors?: SelectorOutcome;
  /** Of pages, when asked for. */
  readonly explanation?: HtmlExplanation;
}

export type DocumentKind =
  'epub' | 'html' | 'xhtml' | 'text' | 'markdown' | 'pdf' | 'docx' | 'jats' | 'latex' | 'wikitext' | 'xml';
export type ExtractResult = ExtractedDocument | { readonly verdict: Verdict };
/** What a reader of one kind returns. */
export type ExtractedText = Omit<ExtractedDocument, 'kind' | 'format' | 'charsetGuessed'>;

const deepestXml = 5000;
const defaultMaxBytes = 64 * 2 ** 20;

/** Turns the bytes of one item into text and metadata, or says why not. Never rejects for what is in the bytes. */
export async function extractDocument(
  item: ExtractItem,
  options: ExtractOptions = {},
): Promise<ExtractResult> {
  const { bytes } = item;
  const format = options.format ?? 'text';
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (bytes.length === 0) return refuse('empty');
  if (bytes.length > maxBytes) return refuse('too-large', `more than ${maxBytes} bytes`);
  const kind = sniffBytes(bytes);
  if (kind === 'pdf') return finish(kind, await extractPdf(bytes), format);
  if (kind === 'docx') return finish(kind, await extractDocx(bytes, format), format);
  if (kind !== undefined) return refuse('unsupported', kind);
  return extractText(item, { ...options, format });
}

type TextOptions = ExtractOptions & { readonly format: TextFormat };

function extractText(item: ExtractItem, options: TextOptions): ExtractResult {
  const { format, explain, selectors } = options;
  const markup = markupOf(item.bytes);
  const { text: decoded, charset, guessed } = decodeText(item.bytes, { charset: item.charset, markup });
  const source = readableText(decoded);
  if (source === undefined) return refuse('binary');
  const kind = sniffText(source, item);
  if (kind === 'jats' && nestingDepth(source) > deepestXml) return refuse('too-deep', kind);
  const isChapter = item.whole === true && (kind === 'html' || kind === 'xhtml');
  const result = finish(
    isChapter ? 'epub' : kind,
    read(kind, source, { ...item, isXml: isXml(kind, item.mediaType), format, explain, selectors }),
    format,
  );
  return guessed && 'text' in result ? { ...result, charsetGuessed: charset } : result;
}

/** As browsers do: what is served as HTML is HTML, whatever it says of itself. */
function isXml(kind: Kind, mediaType: string | undefined): boolean {
  if (mediaType === 'application/xhtml+xml') return true;
  return kind === 'xml' || (kind === 'xhtml' && mediaType !== 'text/html');
}

function finish(
  kind: Kind,
  document: ExtractedText | { verdict: Verdict },
  format: TextFormat,
): ExtractResult {
  if ('verdict' in document) return document;
  if (document.text.trim() === '')
    return refuse(
      'no-text',
      document.selectors === 'applied' ? `${kind}, by the selectors of its site` : kind,
    );
  return { ...document, kind: kind as DocumentKind, format };
}

/** The deepest nesting of tags, roughly: parsers of XML slow down with the square of it. */
function nestingDepth(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = source.indexOf('<'); at >= 0; at = source.indexOf('<', at + 1)) {
    const close = source.indexOf('>', at);
    if (close < 0) break;
    const next = source.charCodeAt(at + 1);
    if (next === 0x2f) depth--;
    else if (next !== 0x21 && next !== 0x3f && source.charCodeAt(close - 1) !== 0x2f)
      deepest = Math.max(deepest, ++depth);
  }
  return deepest;
}

/** Where the bytes may declare their charset. */
function markupOf(bytes: Uint8Array): 'html' | 'xml' | 'none' {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
  if (/^\s*(?:\xef\xbb\xbf)?<\?xml/.test(head)) return 'xml';
  return /<\s*(?:!|meta|html|head|\?)|<[a-z]+[\s>]/i.test(head) ? 'html' : 'none';
}

function read(kind: Kind, source: string, options: HtmlOptions & { format: TextFormat }): ExtractedText {
  const { format } = options;
  switch (kind) {
    case 'html':
    case 'xhtml':
    case 'xml':
      return extractHtml(source, options);
    case 'jats':
      return extractJats(source, format);
    case 'latex':
      return extractLatex(source, format);
    case 'wikitext':
      return extractWikitext(source, format);
    case 'markdown':
      return extractMarkdown(source, format);
    default:
      return extractPlainText(source);
  }
}

function refuse(reason: string, detail?: string): { verdict: Verdict } {
  return {
    verdict: detail === undefined ? { stage: 'extract', reason } : { stage: 'extract', reason, detail },
  };
}
