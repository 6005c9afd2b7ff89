// What a page says of its own content outside of it: title, description, and the article's text where JSON-LD has it.
import { decodeEntities, type LinkedObject, type PageFacts } from '@gristmill/markup';
import type { PageClues } from './page-features.ts';

/** Gathers the clues of a page; `title` as its metadata has it. */
export function readClues(facts: PageFacts, title: string | undefined): PageClues {
  return {
    title,
    description: facts.meta.first('description', 'og:description'),
    body: findBody(facts.linked),
  };
}

/** The longest articleBody of a JSON-LD object, its own markup removed. */
function findBody(linked: readonly LinkedObject[]): string | undefined {
  let longest = '';
  for (const object of linked) {
    const body = object['articleBody'];
    if (typeof body === 'string' && body.length > longest.length) longest = body;
  }
  return longest === '' ? undefined : decodeEntities(longest).replace(/<[^<>]{0,1000}>/g, ' ');
}
