// What parse5, the standard's own algorithm, finds on a page: the letters that a browser without scripts could show, and
// where the page leads.

import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { flag, tagFlags, tagNumber } from '@gristmill/markup';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

export function parseStandard(html: string): DefaultTreeAdapterTypes.Document {
  return parse(html, { scriptingEnabled: false });
}

/** Elements in document order; a template's content only where the page shows it by itself (`shadowrootmode`). */
export function* elementsOf(root: Node): Generator<Element> {
  const stack: Node[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if ('tagName' in node) yield node;
    const inner =
      'content' in node && attributeOf(node, 'shadowrootmode') !== undefined ? node.content : node;
    if ('childNodes' in inner) stack.push(...inner.childNodes.toReversed());
  }
}

export function attributeOf(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => (attr.prefix ? `${attr.prefix}:` : '') + attr.name === name)?.value;
}

/** Text outside of what nobody reads (scripts, selects, templates …), without white space. */
export function visibleLetters(root: Node): string {
  const texts: string[] = [];
  const stack: Node[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.nodeName === '#text' && 'value' in node) texts.push(node.value);
    if ('tagName' in node && (tagFlags[tagNumber(node.tagName)] & flag.invisible) !== 0) continue;
    if ('childNodes' in node) stack.push(...node.childNodes.toReversed());
  }
  return texts.join('').replace(/\s+/g, '');
}

/** Addresses that may be followed, each once, sorted; written after the standard's words, not after our reader. */
export function standardUrls(html: string, pageUrl: string): string[] {
  const document = parseStandard(html);
  const base = [...elementsOf(document)].find(
    ({ tagName, attrs }) => tagName === 'base' && attrs.some(({ name }) => name === 'href'),
  );
  const baseUrl = (base && absolute(attributeOf(base, 'href')!, pageUrl)) ?? pageUrl;
  return [...new Set(leading(document, baseUrl))].sort();
}

function leading(root: Node, base: string): string[] {
  return [...elementsOf(root)].flatMap((element) => {
    const get = (name: string) => attributeOf(element, name);
    const rel = (get('rel') ?? '').toLowerCase().split(/\s+/);
    const urls = (href: string | undefined) => (href === undefined ? [] : (absolute(href, base) ?? []));
    switch (element.tagName) {
      case 'a':
      case 'area':
        return rel.includes('nofollow') ? [] : urls(get('href') ?? get('xlink:href'));
      case 'link':
        return !rel.includes('stylesheet') &&
          rel.some((word) => ['next', 'prev', 'previous', 'alternate', 'canonical', 'feed'].includes(word))
          ? urls(get('href'))
          : [];
      case 'meta':
        return get('http-equiv')?.trim().toLowerCase() === 'refresh'
          ? urls(refreshTarget(get('content') ?? ''))
          : [];
      case 'frame':
        return urls(get('src'));
      case 'iframe': {
        const inner = get('srcdoc');
        return inner === undefined ? urls(get('src')) : leading(parseStandard(inner), base);
      }
    }
    return [];
  });
}

/** The standard's shared declarative refresh steps, for contents that name an address. */
function refreshTarget(content: string): string | undefined {
  const rest = content.replace(/^\s*[\d.]*\s*/, '');
  if (!/^[;,\s]/.test(rest)) return undefined;
  const address = rest.replace(/^[;,\s]\s*/, '').replace(/^url\s*=\s*/i, '');
  const quote = /^["']/.exec(address)?.[0];
  return quote === undefined ? address : address.slice(1).split(quote)[0];
}

function absolute(href: string, base: string): string | undefined {
  const url = URL.parse(href, base);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return url.href;
}
