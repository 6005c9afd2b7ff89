// An EPUB's package document (EPUB 3.3, EPUB 2 alike): metadata, manifest and spine. A pure reading of XML; which files
// are there is not its affair.

import type { EmbeddedWishes } from '@gristmill/consent';
import type { Metadata } from '@gristmill/core';
import { childrenOf, findElement, findElements, parseXml, textOf, type XmlElement } from '@gristmill/markup';
import { readBookMetadata } from './epub-metadata.ts';
import { unescapePath } from './zip.ts';

export interface SpineItem {
  /** Path in the container; what the href says when it leads out of it. */
  readonly path: string;
  readonly mediaType: string;
  /** `linear="no"`: read on its own, like notes. */
  readonly isAside: boolean;
}

export interface BookContents {
  readonly path: string;
  /** NCX is the table of contents of EPUB 2; the navigation document that of EPUB 3; a guide names a page with one. */
  readonly kind: 'navigation' | 'ncx' | 'page';
}

export interface EpubPackage {
  readonly metadata: Metadata;
  /** What it says of text and data mining, where it says anything. */
  readonly wishes?: EmbeddedWishes;
  /** In reading order, each path once. */
  readonly spine: readonly SpineItem[];
  readonly contents: readonly BookContents[];
}

/** Path of the package document that META-INF/container.xml names first. */
export function findPackagePath(containerXml: string): string | undefined {
  const roots = [...findElements(parseXml(containerXml), 'rootfile')];
  const root =
    roots.find((element) => element.attributes['media-type'] === 'application/oebps-package+xml') ?? roots[0];
  const path = root?.attributes['full-path'];
  return path && resolvePath(path, '');
}

/** Paths that META-INF/encryption.xml lists. */
export function readEncryptedPaths(encryptionXml: string): Set<string> {
  const references = [...findElements(parseXml(encryptionXml), 'CipherReference')];
  return new Set(references.map(({ attributes }) => resolvePath(attributes.URI ?? '', '')));
}

/** Undefined when the document has no spine. */
export function readPackage(opf: string, packagePath: string): EpubPackage | undefined {
  const root = parseXml(opf);
  const spine = findElement(root, 'spine');
  const manifest = findElement(root, 'manifest');
  if (!spine || !manifest) return undefined;
  const items = new Map(childrenOf(manifest, 'item').map((item) => [item.attributes.id, item]));
  const seen = new Set<string>();
  const list: SpineItem[] = [];
  for (const reference of childrenOf(spine, 'itemref')) {
    const item = followFallback(items.get(reference.attributes.idref), items);
    if (!item) continue;
    const path = resolvePath(item.attributes.href ?? '', packagePath);
    const isAside = reference.attributes.linear?.trim().toLowerCase() === 'no';
    if (!seen.has(path)) list.push({ path, mediaType: item.attributes['media-type'] ?? '', isAside });
    seen.add(path);
  }
  const wishes = readWishes(root, packagePath);
  return {
    metadata: readBookMetadata(root),
    ...(wishes && { wishes }),
    spine: list,
    contents: findContents(root, manifest, items, packagePath),
  };
}

function findContents(
  root: XmlElement,
  manifest: XmlElement,
  items: ReadonlyMap<string, XmlElement>,
  packagePath: string,
): BookContents[] {
  const at = (kind: BookContents['kind'], { attributes }: XmlElement): BookContents => ({
    kind,
    path: resolvePath(attributes.href ?? '', packagePath),
  });
  const listed = childrenOf(manifest, 'item');
  const ncx =
    items.get(findElement(root, 'spine')?.attributes.toc ?? '') ??
    listed.find((item) => item.attributes['media-type'] === 'application/x-dtbncx+xml');
  const pages = [...findElements(root, 'reference')].filter(({ attributes }) =>
    /^toc$/i.test(attributes.type ?? ''),
  );
  return [
    ...listed
      .filter(({ attributes }) => /(?:^|\s)nav(?:\s|$)/.test(attributes.properties ?? ''))
      .map((item) => at('navigation', item)),
    ...(ncx ? [at('ncx', ncx)] : []),
    ...pages.map((page) => at('page', page)),
  ];
}

/** TDMRep: `<meta name="tdm:reservation" content="1"/>` of EPUB 2, `<meta property="tdm:reservation">1</meta>` of EPUB 3. */
function readWishes(root: XmlElement, where: string): EmbeddedWishes | undefined {
  const prefixes = tdmPrefixes(findElement(root, 'package')?.attributes.prefix ?? '');
  const valueOf = (name: string): string | undefined => {
    for (const element of findElements(root, 'meta')) {
      const { property, name: old, content, refines } = element.attributes;
      const [prefix, own] = (property ?? old ?? '').trim().split(':');
      if (refines !== undefined || own !== name || !prefixes.has(prefix)) continue;
      return (property === undefined ? content : textOf(element).trim() || content)?.trim() ?? '';
    }
    return undefined;
  };
  const reservation = valueOf('reservation');
  const policyUrl = valueOf('policy');
  if (reservation === undefined) return undefined;
  return { where, reservation, ...(policyUrl !== undefined && { policyUrl }) };
}

/** `prefix="tdm: http://www.w3.org/ns/tdmrep#"`; books that forget to declare it mean it as well. */
function tdmPrefixes(declared: string): ReadonlySet<string> {
  const words = declared.split(/\s+/);
  const own = words.filter(
    (word, i) => word.endsWith(':') && /^https?:\/\/www\.w3\.org\/ns\/tdmrep[/#]?$/.test(words[i + 1] ?? ''),
  );
  return new Set(['tdm', ...own.map((word) => word.slice(0, -1))]);
}

const contentTypes = new Set([
  'application/xhtml+xml',
  'text/html',
  'application/x-dtbook+xml',
  'image/svg+xml',
]);

/** A foreign resource in the spine names another one that every reader can show. */
function followFallback(
  item: XmlElement | undefined,
  items: ReadonlyMap<string, XmlElement>,
): XmlElement | undefined {
  let current = item;
  for (let steps = 0; current && steps < 10; steps++) {
    if (contentTypes.has(current.attributes['media-type'])) return current;
    current = items.get(current.attributes.fallback);
  }
  return item;
}

/** Resolves as a URL against the container's root, which no path can leave; some tools write the slashes of Windows. */
export function resolvePath(href: string, base: string): string {
  const root = 'epub://container/';
  const url = URL.parse(
    href.trim().replaceAll('\\', '/'),
    root + base.split('/').map(encodeURIComponent).join('/'),
  );
  if (!url || url.protocol !== 'epub:' || url.host !== 'container') return href;
  return unescapePath(url.pathname.slice(1));
}
