// Lists of domains and addresses (adult sites, spam) as one file that a recipe pins: sorted 64-bit beginnings of SHA-256
// with the category of each, so that five million domains are 45 MB and a look-up is a binary search. It reads hosts
// files, plain domains, Adblock's `||domain^` and UT1's folders (category/domains, category/urls). With 64 bits and
// ten million entries an innocent address is hit with a probability of 10^-12. It ships no list.

import { createHash } from 'node:crypto';
import { canonicalJson, DataError } from '@gristmill/core';

export interface UrlLists {
  readonly categories: readonly string[];
  /** Ascending. */
  readonly digests: BigUint64Array;
  /** Of each digest: a number of `categories`. */
  readonly categoryOf: Uint8Array;
}

/** One file of a list. `category` is what a hit is called. */
export interface UrlListFile {
  readonly category: string;
  readonly content: string;
}

const magic = 'GRISTUL1';
const hostName = /^(?=.{1,253}$)[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/u;
const localNames = new Set([
  'localhost',
  'localhost.localdomain',
  'local',
  'broadcasthost',
  '0.0.0.0',
  'ip6-localhost',
]);

/**
 * The entries of one file: domains, or addresses without scheme and query.
 * @example parseUrlList('0.0.0.0 bad.example # x\n||worse.example^\nhttp://host.example/path/') // ['bad.example', 'worse.example', 'host.example/path']
 */
export function parseUrlList(content: string): string[] {
  const entries: string[] = [];
  for (const line of content.split('\n')) {
    const entry = parseLine(line.trim());
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function parseLine(line: string): string | undefined {
  if (line === '' || '#!['.includes(line[0]) || line.startsWith('@@')) return undefined;
  if (line.startsWith('||')) return adblockEntry(line.slice(2));
  const words = line.split(/(?<!\s)\s+#/)[0].split(/\s+/);
  const name = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{0,30}::[0-9a-f:]{0,30})$/i.test(words[0])
    ? words[1]
    : words[0];
  // Patterns with wildcards and element rules of Adblock say nothing about an address as a whole.
  if (name === undefined || /[*$^|]|##|#@#/.test(name)) return undefined;
  return normalise(name);
}

function adblockEntry(rule: string): string | undefined {
  const [address, options = ''] = rule.split('$');
  if (/[*|]|##/.test(address) || /domain=|~/.test(options)) return undefined;
  return normalise(address.replace(/\^$/, ''));
}

/** Host in small letters and ASCII, without `www.`; the path without a last slash. */
function normalise(address: string): string | undefined {
  const bare = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[?#].*$/s, '');
  const slash = bare.indexOf('/');
  const host = (slash < 0 ? bare : bare.slice(0, slash)).replace(/:\d+$/, '').replace(/^www\./i, '');
  if (!hostName.test(host) || localNames.has(host.toLowerCase())) return undefined;
  const ascii = asciiHost(host);
  if (ascii === undefined) return undefined;
  return ascii + (slash < 0 ? '' : bare.slice(slash).replace(/(?<!\/)\/+$/, ''));
}

function asciiHost(host: string): string | undefined {
  const plain = host.toLowerCase().replace(/\.$/, '');
  if (/^[a-z0-9._-]+$/.test(plain)) return plain;
  return URL.canParse(`http://${plain}/`) ? new URL(`http://${plain}/`).hostname : undefined;
}

function digestOf(entry: string): bigint {
  return createHash('sha256').update(entry).digest().readBigUInt64BE(0);
}

/** @throws DataError when a file has no entry, or there are more than 256 categories */
export function buildUrlLists(files: readonly UrlListFile[]): UrlLists {
  const categories = [...new Set(files.map(({ category }) => category))].sort();
  if (categories.length > 256)
    throw new DataError('url-list', `there are ${categories.length} categories of URLs`, 'give at most 256');
  const found = new Map<bigint, number>();
  for (const { category, content } of files) {
    const entries = parseUrlList(content);
    if (entries.length === 0)
      throw new DataError(
        'url-list',
        `a list of the category ${category} has no entry`,
        'a list has a domain or an address a line: a hosts file, domains, ||domain^, or the files of UT1',
      );
    const number = categories.indexOf(category);
    for (const entry of entries) {
      const digest = digestOf(entry);
      const known = found.get(digest);
      if (known === undefined || number < known) found.set(digest, number);
    }
  }
  const digests = BigUint64Array.from(found.keys()).sort();
  return { categories, digests, categoryOf: Uint8Array.from(digests, (digest) => found.get(digest)!) };
}

/**
 * The category of the most precise entry that covers an address: its path, a beginning of it, its host or a parent.
 * @example findBlockedUrl(lists, 'https://news.bad.example/today') // 'adult' where bad.example is listed
 */
export function findBlockedUrl(lists: UrlLists, url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  const host = hostname.replace(/^www\./, '');
  for (const entry of candidates(host, pathname)) {
    const number = findDigest(lists, digestOf(entry));
    if (number !== undefined) return lists.categories[number];
  }
  return undefined;
}

const mostPathParts = 8;

function* candidates(host: string, path: string): Generator<string> {
  const parts = path.split('/').filter((part) => part !== '');
  for (let n = Math.min(parts.length, mostPathParts); n > 0; n--)
    yield `${host}/${parts.slice(0, n).join('/')}`;
  for (let name = host; name !== '';) {
    yield name;
    const dot = name.indexOf('.');
    name = dot < 0 ? '' : name.slice(dot + 1);
  }
}

function findDigest({ digests, categoryOf }: UrlLists, digest: bigint): number | undefined {
  let low = 0;
  let high = digests.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (digests[middle] < digest) low = middle + 1;
    else high = middle;
  }
  return digests[low] === digest ? categoryOf[low] : undefined;
}

/** Magic, uint32 length of the header, header {categories, entries}, then 8 bytes a digest and 1 byte a category. */
export function encodeUrlLists({ categories, digests, categoryOf }: UrlLists): Uint8Array {
  const header = Buffer.from(canonicalJson({ categories, entries: digests.length }));
  const bytes = Buffer.alloc(12 + header.length + digests.length * 9);
  bytes.write(magic, 'latin1');
  bytes.writeUInt32LE(header.length, 8);
  header.copy(bytes, 12);
  const start = 12 + header.length;
  digests.forEach((digest, i) => bytes.writeBigUInt64LE(digest, start + 8 * i));
  bytes.set(categoryOf, start + 8 * digests.length);
  return bytes;
}

/** @throws DataError `url-list` for other or damaged bytes */
export function decodeUrlLists(bytes: Uint8Array): UrlLists {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.length >= 12 && view.toString('latin1', 0, 8) === magic ? view.readUInt32LE(8) : -1;
  if (length < 0 || 12 + length > view.length) throw damaged();
  const { categories, entries } = JSON.parse(view.toString('utf8', 12, 12 + length)) as {
    categories: string[];
    entries: number;
  };
  const start = 12 + length;
  if (view.length !== start + entries * 9) throw damaged();
  const digests = new BigUint64Array(entries);
  for (let i = 0; i < entries; i++) digests[i] = view.readBigUInt64LE(start + 8 * i);
  return { categories, digests, categoryOf: Uint8Array.from(view.subarray(start + 8 * entries)) };
}

function damaged(): DataError {
  return new DataError('url-list', 'this is no list of URLs, or a damaged one', 'pin it anew with --retrain');
}
