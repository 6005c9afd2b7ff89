// RSL 1.0 (Really Simple Licensing, namespace https://rslstandard.org/rsl): licences for addresses of a site. Training is
// allowed only where some licence permits it for nothing and none of the same scope prohibits it.

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { perText } from './per-text.ts';
import { matchesAddress } from './path-pattern.ts';
import type { Purpose, Verdict } from './statement.ts';

interface Licence {
  readonly permits: readonly string[];
  readonly prohibits: readonly string[];
  /** It holds for some users or places only. */
  readonly isNarrow: boolean;
  readonly payments: readonly string[];
}

interface Content {
  readonly url: string;
  readonly hasServer: boolean;
  readonly licences: readonly Licence[];
}

/** Tokens that permit or prohibit a purpose; `train-ai` is that of the drafts. */
const usages: Readonly<Record<Purpose, readonly string[]>> = {
  train: ['all', 'ai-all', 'ai-train', 'train-ai'],
  research: ['all', 'ai-all', 'ai-train', 'train-ai'],
  search: ['all', 'search'],
};

export interface RslAnswer {
  readonly verdict: Verdict;
  /** 1-based number of the content element that decided. */
  readonly rule?: number;
  readonly words: string;
}

/**
 * What a licence file says about an address: the content elements of the longest pattern that matches decide.
 * @returns undefined when none speaks of the address; a file that cannot be read licenses nothing
 */
export function readRsl(xml: string, url: string, purpose: Purpose): RslAnswer | undefined {
  const { contents } = parseRsl(xml);
  if (!contents) return { verdict: 'deny', words: xml };
  const matching = contents.filter(({ url: pattern }) => matchesAddress(url, pattern));
  if (matching.length === 0) return undefined;
  const longest = Math.max(...matching.map(({ url: { length } }) => length));
  const scope = matching.filter(({ url: { length } }) => length === longest);
  const [decisive] = scope;
  return {
    verdict: judge(scope, usages[purpose]),
    rule: contents.indexOf(decisive) + 1,
    words: `<content url="${decisive.url}">: ${scope
      .flatMap(({ licences }) => licences)
      .map(describe)
      .join('; ')}`,
  };
}

function judge(scope: readonly Content[], wanted: readonly string[]): Verdict {
  const licences = scope.flatMap(({ licences: of, hasServer }) =>
    of.map((licence) => ({ licence, hasServer })),
  );
  if (licences.some(({ licence }) => licence.prohibits.some((usage) => wanted.includes(usage))))
    return 'deny';
  const granting = licences.filter(({ licence }) => licence.permits.some((usage) => wanted.includes(usage)));
  if (granting.length === 0) return 'deny';
  const isFree = granting.some(
    ({ licence: { payments, isNarrow }, hasServer }) =>
      !hasServer && !isNarrow && payments.every((type) => type === 'free'),
  );
  return isFree ? 'allow' : 'conditional';
}

function describe({ permits, prohibits, payments }: Licence): string {
  const parts = [
    permits.length > 0 && `permits ${permits.join(' ')}`,
    prohibits.length > 0 && `prohibits ${prohibits.join(' ')}`,
    payments.length > 0 && `payment ${payments.join(' ')}`,
  ];
  return parts.filter(Boolean).join(', ') || 'an empty licence';
}

const lists = new Set(['content', 'license', 'permits', 'prohibits', 'payment']);
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => lists.has(name),
});

type Element = Readonly<Record<string, unknown>>;

const parseRsl = perText((xml) => ({ contents: readContents(xml) }));

/** Undefined for what is no RSL file. */
function readContents(xml: string): Content[] | undefined {
  try {
    const text = xml.replace(/^\uFEFF/, '').trimStart();
    if (XMLValidator.validate(text) !== true) return undefined;
    const root = (parser.parse(text) as Element).rsl;
    if (root === undefined) return undefined;
    return elements(root, 'content').map((content) => ({
      url: attribute(content, 'url') ?? '/',
      hasServer: attribute(content, 'server') !== undefined,
      licences: elements(content, 'license').map(readLicence),
    }));
  } catch {
    return undefined;
  }
}

function readLicence(licence: Element): Licence {
  const ofType = (name: string, type: string) =>
    elements(licence, name).filter((element) => (attribute(element, 'type') ?? 'usage') === type);
  const tokens = (name: string) => ofType(name, 'usage').flatMap((element) => words(textOf(element)));
  return {
    permits: tokens('permits'),
    prohibits: tokens('prohibits'),
    isNarrow: ['user', 'geo'].some((type) => ofType('permits', type).length > 0),
    payments: elements(licence, 'payment').map((element) => attribute(element, 'type') ?? 'free'),
  };
}

function elements(parent: unknown, name: string): Element[] {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) return [];
  const list: readonly unknown[] = (parent as Readonly<Record<string, readonly unknown[]>>)[name];
  return list.map((one) => (typeof one === 'object' && one !== null ? (one as Element) : { '#text': one }));
}

function attribute(element: Element, name: string): string | undefined {
  const value = Object.hasOwn(element, `@${name}`) ? element[`@${name}`] : undefined;
  return typeof value === 'string' ? value.trim() : undefined;
}

const textOf = (element: Element) => (typeof element['#text'] === 'string' ? element['#text'] : '');
/** Divided by spaces; drafts had commas. */
const words = (text: string) =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
