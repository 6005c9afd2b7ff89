// HTML's tree construction as tables: what a start tag closes before it opens, and how far an end tag reaches.

import { namesOf, tagNamesOf, type TagNames } from './open-elements.ts';
import { flag, tag, tagFlags, tagSet } from './tags.ts';

// What an opening tag closes first: [elements that end, elements that shield them].
const listScope = tagNamesOf('ul ol menu dir table td th body html template object');
const definitionScope = tagNamesOf('dl table td th body html template object');
const rowScope = tagNamesOf('table html template');
const optionScope = tagNamesOf('select datalist html');
export const paragraphScope = tagNamesOf('td th caption table button object marquee applet html template');
/** In what of a table a part of it begins: whatever else was opened there ends. */
export const contexts: (TagNames | undefined)[] = [];
contexts[tag.td] = contexts[tag.th] = tagNamesOf('tr tbody thead tfoot table html template');
contexts[tag.tr] = tagNamesOf('tbody thead tfoot table html template');
contexts[tag.tbody] = contexts[tag.thead] = contexts[tag.tfoot] = rowScope;
export const closers: (readonly [TagNames, TagNames] | undefined)[] = [];
closers[tag.li] = [tagNamesOf('li'), listScope];
closers[tag.dd] = closers[tag.dt] = [tagNamesOf('dd dt'), definitionScope];
closers[tag.option] = [tagNamesOf('option'), optionScope];
closers[tag.optgroup] = [tagNamesOf('option optgroup'), optionScope];
closers[tag.rt] = closers[tag.rp] = [tagNamesOf('rt rp'), tagNamesOf('ruby p div td th body html')];
closers[tag.a] = [
  tagNamesOf('a'),
  tagNamesOf('table td th p div li h1 h2 h3 h4 h5 h6 section article body html'),
];
closers[tag.body] = [tagNamesOf('head'), tagNamesOf('body')];
export const partOfTable = tagSet('table tbody thead tfoot tr td th caption');
export const tableParts = tagSet('tbody thead tfoot tr td th caption');
export const headingTags = tagSet('h1 h2 h3 h4 h5 h6');
export const rootTags = tagSet('html body head');
/** Nobody sees what is in them: their end tag counts whatever was left open inside. */
const closedWhole = tagSet('select template');
export const endsSelect = tagSet('input textarea select');
export const wholeScope = tagNamesOf('template html');
export const barrierNames = namesOf(Uint8Array.from(tagFlags, (bits) => (bits & flag.barrier ? 1 : 0)));
/** It ends a template that was left open in it, too. */
const wholeTable = tagNamesOf('html');
export const noShields = tagNamesOf('');
/** Start tags that a drawing or formula cannot hold (HTML, 13.2.6.5). */
export const breakouts = tagSet(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ' +
    'ol p pre ruby s small span strong strike sub sup table tt u ul var',
);
export const htmlInDrawings = ['foreignobject', 'desc'];
export const htmlInFormulas = ['annotation-xml', 'mi', 'mo', 'mn', 'ms', 'mtext'];
/** Their end tag reaches out of a block, up to a barrier. */
const scoped = tagSet('object marquee applet button');
/** An end tag of an inline element does not reach out of a block. */
export const blockNames = namesOf(
  Uint8Array.from(tagFlags, (bits, number) =>
    bits & (flag.barrier | flag.block) && number !== tag.option && number !== tag.optgroup ? 1 : 0,
  ),
);

/** What the end tag of an element that is no formatting does not reach beyond. */
export function shieldsOf(number: number, bits: number): TagNames {
  if (closedWhole[number] === 1) return wholeScope;
  if (number === tag.table) return wholeTable;
  if (tableParts[number] === 1) return rowScope;
  if (number === tag.li) return listScope;
  return (bits & flag.block) !== 0 || scoped[number] === 1 ? barrierNames : blockNames;
}
