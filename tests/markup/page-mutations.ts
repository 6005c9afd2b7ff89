// Seeded damage to pages as editors, templates and cut transfers do it: tags lost, doubled, moved, misspelt, left open, and
// those of whose ends parsers disagree set in between.

import { createRandom } from '@gristmill/core';

const troublesome = (
  'select option optgroup datalist object template table tr td th caption li dd dt p a b i div span svg math title ' +
  'button form noscript iframe textarea h2 ul video map canvas ruby rt rp x-card style script frameset main head body'
).split(' ');

type Random = () => number;

/** The page with one to four mutations. */
export function mutatePage(html: string, seed: number): string {
  const random = createRandom(seed);
  let page = html;
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--) page = mutateOnce(page, random);
  return page;
}

function mutateOnce(html: string, random: Random): string {
  const tags = [...html.matchAll(/<\/?[a-z][^>]*>/gi)];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const name = pick(troublesome);
  const at = Math.floor(random() * html.length);
  if (tags.length === 0) return `${html.slice(0, at)}<${name}>${html.slice(at)}`;
  const { 0: text, index } = pick(tags);
  const end = index + text.length;
  switch (Math.floor(random() * 9)) {
    case 0:
      return html.slice(0, index) + html.slice(end);
    case 1:
      return html.slice(0, end) + text + html.slice(end);
    case 2:
      return `${html.slice(0, end)}<${name}>${html.slice(end)}`;
    case 3:
      return `${html.slice(0, index)}</${name}>${html.slice(index)}`;
    case 4:
      return `${html.slice(0, index)}<${name}>some words</${name}>${html.slice(index)}`;
    case 5:
      return `${html.slice(0, index)}<${name}><${pick(troublesome)}>a<${pick(troublesome)}>b</${name}>${html.slice(index)}`;
    case 6:
      return (
        html.slice(0, at) + pick(['<', '>', '"', "'", '&', '<!--', '-->', '</', '=', '\0']) + html.slice(at)
      );
    case 7:
      return html.slice(0, at);
    default: {
      const from = pick(tags);
      return html.slice(0, from.index) + text + html.slice(from.index + from[0].length);
    }
  }
}
