// The words of JATS elements: without what is for machines, formulas as TeX, raised numbers of references left out.

import { collapseSpace, findElement, type XmlElement } from '@gristmill/markup';

/** Elements that are no part of the running text. */
export const unread = new Set([
  'ref-list',
  'fn-group',
  'object-id',
  'graphic',
  'inline-graphic',
  'media',
  'label',
  'xref-group',
  'email',
  'table-wrap-foot',
  'permissions',
  'title',
]);

/** A formula as TeX where the article has it. */
export function formulaText(element: XmlElement): string {
  const tex = findElement(element, 'tex-math');
  if (tex === undefined) return inlineText(element);
  const body = /\\begin\{document\}([\s\S]*?)\\end\{document\}/.exec(rawText(tex))?.[1] ?? rawText(tex);
  return collapseSpace(body).trim();
}

/** The words of an element on one line. */
export function inlineText(element: XmlElement | undefined): string {
  return element === undefined ? '' : collapseSpace(rawInline(element)).trim();
}

/** The words of an element, white space as it stands. */
export function rawInline(element: XmlElement): string {
  if (element.name === 'tex-math' || element.name === 'inline-formula')
    return element.name === 'tex-math' ? formulaText(element) : formulaOrText(element);
  if (element.name !== 'title' && element.name !== 'label' && unread.has(element.name)) return '';
  if (element.name === 'break' || isMark(element)) return element.name === 'break' ? ' ' : '';
  const isBlock =
    element.name === 'p' || element.name === 'title' || element.name === 'list-item' || element.name === 'td';
  const inner = element.children
    .map((child) => (typeof child === 'string' ? child : rawInline(child)))
    .join('');
  return isBlock ? ` ${inner} ` : inner;
}

/** Raised numbers that lead to a note or a reference are no words. */
function isMark(element: XmlElement): boolean {
  const { name, children } = element;
  const led = (child: XmlElement | string): boolean =>
    typeof child === 'string'
      ? /^[\s,;–-]*$/.test(child)
      : child.name === 'xref' &&
        /^(?:bibr|fn|table-fn|corresp|aff)$/.test(child.attributes['ref-type'] ?? '');
  if (name === 'sup') return children.some((child) => typeof child !== 'string') && children.every(led);
  return name === 'xref' && led(element) && children.length === 1 && isSup(children[0]);
}

const isSup = (child: XmlElement | string): boolean => typeof child !== 'string' && child.name === 'sup';

function formulaOrText(element: XmlElement): string {
  if (findElement(element, 'tex-math') !== undefined) return formulaText(element);
  return element.children.map((child) => (typeof child === 'string' ? child : rawInline(child))).join('');
}

/** All text of an element as it stands. */
export function rawText(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : rawText(child))).join('');
}
