// Indexes of archives: CDXJ lines (a sortable key, fourteen digits, JSON) and the older lines of eleven fields, and the look-up
// of a host in a sorted file of them, or in Common Crawl's two levels (cluster.idx names gzip members of cdx-*.gz), by
// reading no more than a binary search and the host's own lines.
// Not its affair: addresses with a port, which other keys have.

import { gunzipSync } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';

export interface CdxLine {
  readonly url: string;
  /** Fourteen digits, UTC. */
  readonly timestamp: string;
  /** As the index writes it: `-` or nothing where there is none. */
  readonly status?: string;
  readonly mediaType?: string;
  /** Of the archive, where the index says. */
  readonly file: string;
  readonly offset: number;
  /** Bytes in the archive. */
  readonly length: number;
}

/** Undefined for what is no line of an index: a header, a comment, a damaged line. */
export function parseCdxLine(line: string): CdxLine | undefined {
  const [, timestamp, rest] = /^\S+ (\d{14}) (\{.*\})\s*$/.exec(line) ?? [];
  const found = rest === undefined ? elevenFields(line) : jsonFields(timestamp, rest);
  if (!found) return undefined;
  const offset = Number(found.offset);
  const length = Number(found.length);
  const isPlace = Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length > 0;
  return isPlace && found.file !== '' && found.url !== '' ? { ...found, offset, length } : undefined;
}

type Written = Omit<CdxLine, 'offset' | 'length'> & { offset: unknown; length: unknown };

function jsonFields(timestamp: string, json: string): Written | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const text = (name: string): string => (typeof value[name] === 'string' ? value[name] : '');
  return {
    ...{ url: text('url'), timestamp, file: text('filename'), offset: value.offset, length: value.length },
    ...{ status: text('status'), mediaType: text('mime') },
  };
}

/** `CDX N b a m s k r M S V g`. */
function elevenFields(line: string): Written | undefined {
  const fields = line.trim().split(' ');
  if (fields.length !== 11 || !/^\d{14}$/.test(fields[1])) return undefined;
  const [, timestamp, url, mediaType, status, , , , length, offset, file] = fields;
  return { url, timestamp, file, offset, length, status, mediaType };
}

/** A host as an index sorts it. @example hostKey('www.Example.org') // 'org,example' */
export function hostKey(host: string): string {
  const { hostname } = new URL(`http://${host}/`);
  return hostname
    .replace(/^www\d*\./, '')
    .split('.')
    .reverse()
    .join(',');
}

/** Lines of a sorted index whose host is this one or lies under it, in order. */
export async function* linesOfHost(source: ByteSource, host: string): AsyncGenerator<string> {
  const key = hostKey(host);
  for await (const line of linesFrom(source, `${key})`, false)) {
    if (line >= endOf(key)) return;
    if (isOfHost(line, key)) yield line;
  }
}

/** The same out of Common Crawl's two levels; `open` opens a file that lies beside cluster.idx. */
export async function* linesOfHostInCluster(
  cluster: ByteSource,
  host: string,
  open: (name: string) => Promise<ByteSource & AsyncDisposable>,
): AsyncGenerator<string> {
  const key = hostKey(host);
  // A block holds the lines from its own key on, so the host's first may lie in the block before.
  for await (const entry of linesFrom(cluster, `${key})`, true)) {
    if (entry >= endOf(key)) return;
    const [, name, offset, length] = entry.split('\t');
    await using file = await open(name);
    const block = gunzipSync(await file.read(Number(offset), Number(length)), {
      maxOutputLength: mostBlockBytes,
    });
    for (const line of block.toString('latin1').split('\n')) if (isOfHost(line, key)) yield decoded(line);
  }
}

const mostBlockBytes = 64 * 2 ** 20;
/** `-` follows `,` and `)` in ASCII: the first key behind those of a host. */
const endOf = (key: string): string => `${key}-`;

function isOfHost(line: string, key: string): boolean {
  return line.startsWith(key) && (line[key.length] === ')' || line[key.length] === ',');
}

const decoded = (line: string): string => Buffer.from(line, 'latin1').toString();

const pieceBytes = 64 * 1024;

/**
 * Lines of a file that is sorted by byte, from the first that is not before `key` on; with `before` from the last one that
 * is. Each byte a character, so that they compare as they are sorted.
 */
async function* linesFrom(source: ByteSource, key: string, before: boolean): AsyncGenerator<string> {
  let low = 0;
  let high = source.size;
  while (high - low > pieceBytes) {
    const middle = Math.floor((low + high) / 2);
    const text = latin1(await source.read(middle, pieceBytes));
    const start = text.indexOf('\n') + 1;
    if (start === 0) break;
    if (middle + start < high && text.slice(start, start + key.length) < key) low = middle + start;
    else high = middle;
  }
  let held: string | undefined;
  let isThere = false;
  for await (const line of allLines(source, low)) {
    if (isThere || line >= key) {
      if (!isThere && before && held !== undefined) yield held;
      isThere = true;
      yield line;
    } else held = line;
  }
  if (!isThere && before && held !== undefined) yield held;
}

async function* allLines(source: ByteSource, from: number): AsyncGenerator<string> {
  let rest = '';
  for (let at = from; at < source.size; at += pieceBytes) {
    const lines = (rest + latin1(await source.read(at, pieceBytes))).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
