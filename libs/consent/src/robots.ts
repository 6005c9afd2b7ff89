// Reads robots.txt: RFC 9309 with the liberties that Google's parser takes (misspelt keys, a missing colon, other
// records between the lines of a group), and the lines by which sites speak of training: Content-Usage (AIPREF),
// Content-Signal, License (RSL). The text is handled as octets, so that a rule means the same whatever charset an editor
// used. It does not decide anything: see robots-match.ts.

export interface RobotsRule {
  readonly allow: boolean;
  /** Percent-encoded where it holds octets above 0x7F; never empty. */
  readonly pattern: string;
  /** 1-based line of the file. */
  readonly line: number;
}

/** A line that speaks of use and not of access. */
export interface RobotsNote {
  readonly kind: 'content-usage' | 'content-signal' | 'license';
  readonly value: string;
  /** 1-based line of the file. */
  readonly line: number;
}

/** One or more User-agent lines and the rules below them. */
export interface RobotsGroup {
  /** Product tokens in lower case; `*` for everybody. */
  readonly agents: readonly string[];
  /** The values of the User-agent lines whole, in lower case, for names of several words. */
  readonly names: readonly string[];
  readonly rules: readonly RobotsRule[];
  readonly notes: readonly RobotsNote[];
  readonly crawlDelaySeconds?: number;
}

export interface Robots {
  readonly groups: readonly RobotsGroup[];
  /** Notes before the first group. */
  readonly notes: readonly RobotsNote[];
  /** Values of Sitemap lines as written, in order. */
  readonly sitemaps: readonly string[];
}

/** RFC 9309 §2.5: at least 500 KiB are parsed, the rest is ignored. */
export const robotsByteLimit = 500 * 1024;
/** Google's limit on a line: the longest URL that browsers take (2,083), eight times over. */
const lineLimit = 2083 * 8 - 1;

type Key = 'user-agent' | 'allow' | 'disallow' | 'sitemap' | 'crawl-delay' | RobotsNote['kind'];

// What people write. A key matches when it starts with one of these, as in Google's parser.
const spellings: readonly (readonly [string, Key])[] = [
  ['user-agent', 'user-agent'],
  ['useragent', 'user-agent'],
  ['user agent', 'user-agent'],
  ['allow', 'allow'],
  ['disallow', 'disallow'],
  ['dissallow', 'disallow'],
  ['dissalow', 'disallow'],
  ['disalow', 'disallow'],
  ['diasllow', 'disallow'],
  ['disallaw', 'disallow'],
  ['sitemap', 'sitemap'],
  ['site-map', 'sitemap'],
  ['crawl-delay', 'crawl-delay'],
  ['content-usage', 'content-usage'],
  ['content-signal', 'content-signal'],
  ['license', 'license'],
];

interface OpenGroup {
  agents: string[];
  names: string[];
  rules: RobotsRule[];
  notes: RobotsNote[];
  crawlDelaySeconds?: number;
}

/**
 * Parses a robots.txt; every input is valid, the worst one has no rules.
 * @example parseRobots('User-agent: *\nDisallow: /private').groups[0].rules[0].line // 2
 */
export function parseRobots(text: Uint8Array | string): Robots {
  const groups: OpenGroup[] = [];
  const sitemaps: string[] = [];
  const global: RobotsNote[] = [];
  let group: OpenGroup | undefined;
  let hasRules = false;
  for (const { key, value, line } of readLines(text)) {
    if (key === 'sitemap') sitemaps.push(toUtf8(value));
    if (key === 'content-usage' || key === 'content-signal' || key === 'license')
      (group?.notes ?? global).push({ kind: key, value: toUtf8(value), line });
    if (key === 'user-agent') {
      if (!group || hasRules) groups.push((group = openGroup()));
      // A note ends the list of agents (AIPREF's grammar); to a reader of RFC 9309 alone the list goes on, so what it
      // forbids holds for both.
      else if (group.notes.length > 0) groups.push((group = { ...openGroup(), rules: group.rules }));
      hasRules = false;
      group.agents.push(productToken(value));
      group.names.push(value.toLowerCase());
    }
    if (!group) continue;
    if (key === 'crawl-delay') group.crawlDelaySeconds ??= parseDelay(value);
    if (key !== 'allow' && key !== 'disallow') continue;
    hasRules = true;
    if (value !== '') group.rules.push({ allow: key === 'allow', pattern: escapeOctets(value), line });
  }
  return { groups, notes: global, sitemaps };
}

const openGroup = (): OpenGroup => ({ agents: [], names: [], rules: [], notes: [] });
const toUtf8 = (octets: string) => Buffer.from(octets, 'latin1').toString('utf8');

function* readLines(text: Uint8Array | string): Generator<{ key: Key; value: string; line: number }> {
  // A damaged byte order mark arrives as a replacement character when somebody decoded the file before us.
  const bytes = typeof text === 'string' ? Buffer.from(text.replace(/^[\uFEFF\uFFFD]/, '')) : text;
  const octets = Buffer.from(skipByteOrderMark(bytes).subarray(0, robotsByteLimit)).toString('latin1');
  let number = 0;
  for (const full of octets.split(/\r\n|\r|\n/)) {
    number++;
    const pair = splitLine(full.slice(0, lineLimit));
    if (pair) yield { ...pair, line: number };
  }
}

/** Skips a UTF-8 byte order mark, or as much of it as is there. */
function skipByteOrderMark(bytes: Uint8Array): Uint8Array {
  const mark = [0xef, 0xbb, 0xbf];
  let length = 0;
  while (length < mark.length && bytes[length] === mark[length]) length++;
  return bytes.subarray(length);
}

function splitLine(full: string): { key: Key; value: string } | undefined {
  const comment = full.indexOf('#');
  const line = trimSpace(comment < 0 ? full : full.slice(0, comment));
  const colon = line.indexOf(':');
  // Without a colon white space separates, but only where it leaves exactly two words.
  const words = colon < 0 ? /^([^ \t]+)[ \t]+([^ \t]+)$/.exec(line) : undefined;
  if (colon < 0 && !words) return undefined;
  const name = (words ? words[1] : trimSpace(line.slice(0, colon))).toLowerCase();
  const key = spellings.find(([spelling]) => name.startsWith(spelling))?.[1];
  return key && { key, value: words ? words[2] : trimSpace(line.slice(colon + 1)) };
}

const spaces = ' \t\0\v\f';

/** By hand: an expression looks at a long run of blanks inside a line once for each of them. */
function trimSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && spaces.includes(text[start])) start++;
  while (end > start && spaces.includes(text[end - 1])) end--;
  return text.slice(start, end);
}

/** `Googlebot/2.1` is Googlebot; `*`, alone or before a blank, is everybody. */
function productToken(value: string): string {
  if (/^\*(\s|$)/.test(value)) return '*';
  return /^[A-Za-z_-]*/.exec(value)![0].toLowerCase();
}

function parseDelay(value: string): number | undefined {
  const seconds = Number.parseFloat(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** Octets above 0x7F become %XX, and the hex digits of an escape upper case, so that equal paths are spelt alike. */
function escapeOctets(value: string): string {
  return value
    .replace(/[\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%[0-9a-fA-F]{2}/g, (escape) => escape.toUpperCase());
}
