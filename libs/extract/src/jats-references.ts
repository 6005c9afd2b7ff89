// What stands behind a scientific article: the works that it cites, and its footnotes.

import { childrenOf, collapseSpace, findElement, findElements, type XmlElement } from '@gristmill/markup';
import { inlineText } from './jats-inline.ts';

/** The works that are cited, in the order of the list. */
export function readReferences(back: XmlElement): string[] {
  return [...findElements(back, 'ref')].map(citationText).filter(Boolean);
}

/** Footnotes in their order. */
export function readNotes(back: XmlElement): string[] {
  return [...findElements(back, 'fn-group')]
    .flatMap((group) =>
      childrenOf(group, 'fn').map((note) => childrenOf(note, 'p').map(inlineText).join(' ')),
    )
    .filter(Boolean);
}

const citations = ['mixed-citation', 'element-citation', 'citation', 'nlm-citation'];
/** Numbers for machines, and the number in the list. */
const unread = /^(?:label|pub-id|object-id|ext-link)$/;

function citationText(ref: XmlElement): string {
  const [citation = ref] = citations.flatMap((name) => [...findElements(ref, name)]);
  const isWritten = citation.children.some((child) => typeof child === 'string' && child.trim() !== '');
  return isWritten ? writtenCitation(citation) : joinFacts(citation);
}

/** As it is printed; what printers set apart by a style alone gets a blank. */
function writtenCitation({ children }: XmlElement): string {
  let text = '';
  for (const child of children) {
    if (typeof child === 'string') text += child;
    else if (!unread.test(child.name))
      text += `${/[\p{L}\p{N}?!]$/u.test(text) ? ' ' : ''}${personOr(child)}`;
  }
  return collapseSpace(text).trim();
}

/** Facts alone: people, then all else as it comes. */
function joinFacts(citation: XmlElement): string {
  const people = [...findElements(citation, 'name'), ...findElements(citation, 'collab')].map(personOr);
  const facts = citation.children.filter((child): child is XmlElement => typeof child !== 'string');
  const lastPage = inlineText(findElement(citation, 'lpage'));
  const rest = facts
    .filter(({ name }) => !unread.test(name) && !/^(?:name|collab|person-group|lpage)$/.test(name))
    .map((fact) => inlineText(fact) + (fact.name === 'fpage' && lastPage !== '' ? `–${lastPage}` : ''));
  return [people.join(', '), ...rest]
    .filter(Boolean)
    .join('. ')
    .replace(/([.?!])\. /g, '$1 ');
}

function personOr(element: XmlElement): string {
  const parts = ['surname', 'given-names'].map((part) => inlineText(findElement(element, part)));
  return element.name === 'name' ? parts.filter(Boolean).join(' ') : inlineText(element);
}
