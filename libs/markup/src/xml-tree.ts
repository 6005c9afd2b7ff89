// A small tree for small XML: package documents, sitemaps, feeds. Forgiving, since feeds are often ill-formed, and
// bounded by nodes and depth. Namespaces are cut off names (`dc:title` is `title`, with `prefix` beside it); entities
// other than XML's and HTML's own are left as they are, none is ever fetched.

import { Parser } from 'htmlparser2';

export interface XmlElement {
  /** Local name, as written. */
  readonly name: string;
  readonly prefix: string;
  /** Of XHTML's namespace, whatever its prefix is; one that nothing declares is known by its usual names. */
  readonly isXhtml: boolean;
  /** Keys as written, prefix included. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

export interface XmlLimits {
  readonly maxNodes?: number;
  readonly maxDepth?: number;
}

interface OpenElement extends XmlElement {
  readonly children: (XmlElement | string)[];
}

/** The document as an element without a name; its children are what stands at the top. Never throws. */
export function parseXml(text: string, { maxNodes = 2_000_000, maxDepth = 256 }: XmlLimits = {}): XmlElement {
  const root: OpenElement = { name: '', prefix: '', isXhtml: false, attributes: {}, children: [] };
  const open: OpenElement[] = [root];
  const scopes: Namespaces[] = [new Map()];
  let nodes = 0;
  let tooDeep = 0;
  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        if (++nodes > maxNodes || open.length > maxDepth) return void tooDeep++;
        const colon = tag.indexOf(':');
        const prefix = colon < 0 ? '' : tag.slice(0, colon);
        const scope = scopeOf(attributes, scopes[scopes.length - 1]);
        const name = tag.slice(colon + 1);
        const element = { name, prefix, isXhtml: isXhtml(prefix, scope), attributes, children: [] };
        open[open.length - 1].children.push(element);
        open.push(element);
        scopes.push(scope);
      },
      ontext(data) {
        if (tooDeep > 0) return;
        const { children } = open[open.length - 1];
        const last = children.length - 1;
        // The tokenizer hands text over in pieces, at every entity.
        if (typeof children[last] === 'string') children[last] += data;
        else if (++nodes <= maxNodes) children.push(data);
      },
      onclosetag() {
        if (tooDeep > 0) tooDeep--;
        else if (open.length > 1) {
          open.pop();
          scopes.pop();
        }
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(text);
  return root;
}

/** Prefix → namespace; only prefixes of XHTML's and those that hide them matter here. */
type Namespaces = ReadonlyMap<string, string>;

const mostPrefixes = 64;

function scopeOf(attributes: Readonly<Record<string, string>>, outer: Namespaces): Namespaces {
  let scope: Map<string, string> | undefined;
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith('xmlns')) continue;
    const prefix = key === 'xmlns' ? '' : key.slice('xmlns:'.length);
    scope ??= new Map(outer);
    if (scope.size < mostPrefixes) scope.set(prefix, value.trim());
  }
  return scope ?? outer;
}

function isXhtml(prefix: string, scope: Namespaces): boolean {
  const namespace = scope.get(prefix);
  if (namespace === undefined) return /^(?:x?html|xh|h)$/i.test(prefix);
  return /^https?:\/\/www\.w3\.org\/1999\/xhtml\/?$/.test(namespace);
}

/** Child elements of that local name, whatever their prefix. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter(
    (child): child is XmlElement => typeof child !== 'string' && child.name === name,
  );
}

/** The first element of that local name below `element`, in document order. */
export function findElement(element: XmlElement, name: string): XmlElement | undefined {
  return findElements(element, name).next().value;
}

/** All of them, in document order. */
export function* findElements(
  element: XmlElement,
  name: string,
): Generator<XmlElement, undefined, undefined> {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    if (child.name === name) yield child;
    yield* findElements(child, name);
  }
}

/** Text of an element and all below it, as written. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** What stands between an element's tags, as markup again. */
export function innerXml(element: XmlElement): string {
  return element.children
    .map((child) => (typeof child === 'string' ? escapeXml(child) : outerXml(child)))
    .join('');
}

function outerXml(element: XmlElement): string {
  const { name, attributes, prefix } = element;
  // A prefix of XHTML's means nothing to readers of HTML.
  const tag = prefix === '' || element.isXhtml ? name : `${prefix}:${name}`;
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeXml(value).replaceAll('"', '&quot;')}"`,
  );
  const inner = innerXml(element);
  return inner === '' && voidTags.test(name)
    ? `<${tag}${pairs.join('')}>`
    : `<${tag}${pairs.join('')}>${inner}</${tag}>`;
}

const voidTags = /^(?:br|hr|img|wbr|col|input|source)$/;

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
