// WAT: what Common Crawl's extractor says of each record of a WARC file, as JSON in a metadata record: where the record
// lies, and of a page its status, headers, title, metas and links. Names follow the files of `CC-MAIN-*` since 2013.

import { fieldOf } from './fields.ts';
import type { WarcRecord } from './record.ts';

export interface WatLink {
  /** Absolute, by the page and its base. */
  readonly url: string;
  /** The element and attribute, as `A@/href`. */
  readonly path: string;
  readonly text?: string;
  readonly rel?: string;
}

export interface WatEnvelope {
  /** WARC-Type of the record that is described. */
  readonly type: string;
  readonly url?: string;
  /** The WARC file, and the first byte of the record's gzip member in it. */
  readonly file?: string;
  readonly offset?: number;
  readonly status?: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly title?: string;
  /** `name`, `property` or `http-equiv` of each meta element that has content. */
  readonly metas: readonly (readonly [name: string, content: string])[];
  /** Of the head's `link` elements first, then of the body in its order; addresses that are none are left out. */
  readonly links: readonly WatLink[];
}

type Tree = Readonly<Record<string, unknown>>;

const none: Tree = {};
const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : none;
const listOf = (value: unknown): Tree[] => (Array.isArray(value) ? value.map(treeOf) : []);
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** @returns undefined for a record that is no WAT */
export function readWat(record: Pick<WarcRecord, 'type' | 'fields' | 'block'>): WatEnvelope | undefined {
  if (
    record.type !== 'metadata' ||
    !/^application\/json\b/i.test(fieldOf(record.fields, 'content-type') ?? '')
  )
    return undefined;
  const root = parse(record.block);
  const header = treeOf(treeOf(root.Envelope)['WARC-Header-Metadata']);
  const type = textOf(header['WARC-Type']);
  if (type === undefined) return undefined;
  const payload = treeOf(treeOf(root.Envelope)['Payload-Metadata']);
  const http = treeOf(payload[type === 'request' ? 'HTTP-Request-Metadata' : 'HTTP-Response-Metadata']);
  const html = treeOf(http['HTML-Metadata']);
  const head = treeOf(html.Head);
  const container = treeOf(root.Container);
  const url = textOf(header['WARC-Target-URI']);
  return {
    type,
    url,
    file: textOf(container.Filename),
    offset: wholeNumber(container.Offset),
    status: wholeNumber(treeOf(http['Response-Message']).Status),
    headers: Object.entries(treeOf(http.Headers)).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).flatMap((one) =>
        typeof one === 'string' ? [[name, one] as const] : [],
      ),
    ),
    title: textOf(head.Title),
    metas: listOf(head.Metas).flatMap((meta) => {
      const name = textOf(meta.name) ?? textOf(meta.property) ?? textOf(meta['http-equiv']);
      return name !== undefined && typeof meta.content === 'string' ? [[name, meta.content] as const] : [];
    }),
    links: [...listOf(head.Link), ...listOf(html.Links)].flatMap(linkFrom(textOf(head.Base), url)),
  };
}

function parse(block: Uint8Array): Tree {
  try {
    return treeOf(JSON.parse(Buffer.from(block).toString()));
  } catch {
    return none;
  }
}

/** Numbers are written as texts. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function linkFrom(base: string | undefined, page: string | undefined) {
  const start = base !== undefined && URL.canParse(base, page) ? new URL(base, page).href : page;
  return (link: Tree): WatLink[] => {
    const address = textOf(link.url) ?? textOf(link.href);
    if (address === undefined || !URL.canParse(address, start)) return [];
    const { href } = new URL(address, start);
    return [{ url: href, path: textOf(link.path) ?? '', text: textOf(link.text), rel: textOf(link.rel) }];
  };
}
