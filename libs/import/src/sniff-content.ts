// What a file is, by what it holds: the reader that opens it. A name decides only between what looks alike.

import { compressionOf } from './compression.ts';
import type { Content } from './content.ts';
import { jsonFeedSign } from './json-feed.ts';
import type { RecordFormat } from './record-values.ts';
import { recordFormatOf, sampleText } from './sniff-records.ts';
import { isRecordArchive, type Unpacked } from './unpack.ts';
import { openZip } from './zip.ts';

export type ContentKind =
  | RecordFormat
  /** One item, as it is. */
  | 'file'
  | 'feed'
  | 'text-book'
  | 'epub'
  | 'zip'
  | 'tar'
  | 'warc'
  | 'mediawiki'
  /** Describes a data set; its text is none of the data. */
  | 'dataset-card'
  /** Known, and without text that anything here reads; the detail names it. */
  | 'unsupported';

export interface SniffedContent {
  readonly kind: ContentKind;
  readonly detail?: string;
}

/** Throws ContentError where a zip cannot be opened. */
export async function sniffContent(unpacked: Unpacked): Promise<SniffedContent> {
  const { head, content, name } = unpacked;
  const isGzip = compressionOf(head) === 'gzip';
  if (isGzip || isRecordArchive(head) || isOldArc(head)) return { kind: 'warc' };
  if (isTar(head)) return { kind: 'tar' };
  if (/^PK(?:\x03\x04|\x05\x06|\x07\x08)/.test(head.toString('latin1', 0, 4))) return sniffZip(content);
  const format = recordFormatOf(unpacked);
  if (format === 'json' && jsonFeedSign.test(sampleText(head))) return { kind: 'feed' };
  if (format !== undefined) return { kind: format };
  const detail = unsupportedKind(head);
  if (detail !== undefined) return { kind: 'unsupported', detail };
  return { kind: sniffText(sampleText(head), name) };
}

/** By the checksum over its header, as `ustar` is younger than the format. */
function isTar(head: Buffer): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  const told = /^[ 0]*([0-7]{1,7})[ \0]/.exec(head.toString('latin1', 148, 156));
  if (!told) return false;
  let sum = 8 * 32;
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += head[at];
  return sum === parseInt(told[1], 8);
}

/** An ARC file that was cut begins with a page's record. */
function isOldArc(head: Buffer): boolean {
  return /^https?:\/\/\S+ \d{1,3}(?:\.\d{1,3}){3} \d{14} \S+ \d+\n/.test(head.toString('latin1', 0, 2048));
}

/** Programs and office documents are zip files whose parts are no documents. */
const packages: readonly (readonly [sign: RegExp, detail: string])[] = [
  [/^\[Content_Types\]\.xml$/, 'office document'],
  [/^META-INF\/manifest\.xml$/, 'open document'],
  [/^(?:META-INF\/MANIFEST\.MF|AndroidManifest\.xml)$/, 'program'],
  [/^(?:data|archive\/data)\.pkl$|\/data\.pkl$/, 'model'],
];

async function sniffZip(content: Content): Promise<SniffedContent> {
  const zip = await openZip(content, { maxEntries: 1_000_000 });
  if (typeof zip === 'string') return { kind: 'zip' };
  await using open = zip;
  const { names } = open;
  const mimetype = names.includes('mimetype') ? await open.read('mimetype') : 'missing';
  const type = typeof mimetype === 'string' ? '' : Buffer.from(mimetype).toString('latin1').trim();
  if (type.startsWith('application/epub+zip') || names.includes('META-INF/container.xml'))
    return { kind: 'epub' };
  if (type.startsWith('application/vnd.')) return { kind: 'unsupported', detail: type };
  // Extract reads texts of word processors; tables and slides are no documents.
  if (names.some((name) => /^word\/document\d*\.xml$/.test(name))) return { kind: 'file' };
  const found = packages.find(([sign]) => names.some((name) => sign.test(name)));
  return found ? { kind: 'unsupported', detail: found[1] } : { kind: 'zip' };
}

const magic: readonly (readonly [start: string, detail: string])[] = [
  ['89504e470d0a', 'png'],
  ['ffd8ff', 'jpeg'],
  ['474946383', 'gif'],
  ['49492a00', 'tiff'],
  ['4d4d002a', 'tiff'],
  ['00000100', 'icon'],
  ['38425053', 'psd'],
  ['494433', 'mp3'],
  ['664c6143', 'flac'],
  ['4f676753', 'ogg'],
  ['1a45dfa3', 'matroska'],
  ['7f454c46', 'program'],
  ['cafebabe', 'program'],
  ['0061736d', 'program'],
  ['377abcaf271c', '7z'],
  ['526172211a07', 'rar'],
  ['4d534346', 'cab'],
  ['04224d18', 'lz4'],
  ['1f9d', 'compress'],
  ['5d0000', 'lzma'],
  ['4c5a495001', 'lzip'],
  ['894c5a4f000d0a1a0a', 'lzop'],
  ['ff060000734e61507059', 'snappy'],
  ['789c', 'zlib'],
  ['78da', 'zlib'],
  ['53514c69746520666f726d6174203300', 'sqlite'],
  ['d0cf11e0a1b11ae1', 'office document'],
  ['774f4646', 'font'],
  ['774f4632', 'font'],
  ['4f54544f', 'font'],
  ['0001000000', 'font'],
  ['894844460d0a', 'hdf5'],
  ['934e554d5059', 'numpy'],
  ['4f626a01', 'avro'],
  ['4f5243', 'orc'],
];

function unsupportedKind(head: Buffer): string | undefined {
  const hex = head.toString('hex', 0, 16);
  if (/^52494646.{8}(?:57454250|57415645|41564920)/.test(hex)) return 'riff';
  if (/^.{8}66747970/.test(hex)) return 'mp4';
  return magic.find(([start]) => hex.startsWith(start))?.[1];
}

function sniffText(text: string, name: string): ContentKind {
  if (isFeed(text)) return 'feed';
  if (/^\s*</.test(text) && /^<mediawiki[\s>]/.test(withoutProlog(text))) return 'mediawiki';
  if (/^\s*(?:<|\{\\rtf)/.test(text)) return 'file';
  if (/\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK/i.test(text)) return 'text-book';
  return isDatasetCard(text, name) ? 'dataset-card' : 'file';
}

/** What begins after declarations, comments and the document type. */
function withoutProlog(text: string): string {
  for (let at = 0; ;) {
    while (/\s/.test(text[at] ?? '')) at++;
    const end = endOfMarkup(text, at);
    if (end === undefined) return text.slice(at);
    at = end;
  }
}

/** Where a declaration, comment or document type that begins here ends; undefined for anything else. */
function endOfMarkup(text: string, at: number): number | undefined {
  const after = (closing: string, from: number) => {
    const found = text.indexOf(closing, from);
    return found < 0 ? undefined : found + closing.length;
  };
  if (text.startsWith('<?', at)) return after('>', at);
  if (text.startsWith('<!--', at)) return after('-->', at);
  if (!/^<!doctype/i.test(text.slice(at, at + 9))) return undefined;
  const close = after('>', at);
  const bracket = text.indexOf('[', at);
  // The type's own declarations stand in brackets.
  if (close === undefined || bracket < 0 || bracket > close) return close;
  const inner = after(']', bracket);
  return inner === undefined ? undefined : after('>', inner);
}

/** By its root: RSS, RDF with entries, Atom, CDF. */
function isFeed(text: string): boolean {
  if (!/^\s*</.test(text)) return false;
  const rest = withoutProlog(text);
  const root = /^<(?:[\w.-]+:)?(rss|rdf|feed|channel)(?=[\s>])/i.exec(rest)?.[1].toLowerCase();
  if (root === undefined) return false;
  if (root === 'rss') return true;
  return root === 'rdf'
    ? /purl\.org\/rss|my\.netscape\.com\/rdf|<item[\s>]/i.test(rest)
    : /<(?:[\w.-]+:)?(?:entry|item)[\s>]|Atom/i.test(rest);
}

/** A README with the front matter of a hub for data sets. */
function isDatasetCard(text: string, name: string): boolean {
  if (!/(?:^|\/)readme\.md$/i.test(name)) return false;
  const front = /^\s*---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  return /^(?:dataset_info|configs|size_categories|task_categories|annotations_creators|source_datasets):/m.test(
    front,
  );
}
