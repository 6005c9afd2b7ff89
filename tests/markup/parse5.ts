// Compares our flat tree with parse5: where pages lead, and whether a letter is lost that parse5 shows.
import { expect } from 'vitest';
import {
  flag,
  nodeText,
  parseHtml,
  readLinks,
  tagFlags,
  textTag,
  urlsToFollow,
  type FlatTree,
} from '@gristmill/markup';
import { mutatePage } from './page-mutations.ts';
import { parseStandard, standardUrls, visibleLetters } from './parse5-reading.ts';

const page = 'https://a.example/x/page.html';

/** Addresses that only one of the two finds. */
export function differingLinks(html: string): { found: string[]; lost: string[]; extra: string[] } {
  const ours = new Set(urlsToFollow(readLinks(parseHtml(html), page)));
  const found = standardUrls(html, page);
  const theirs = new Set(found);
  return {
    found,
    lost: found.filter((url) => !ours.has(url)),
    extra: [...ours].filter((url) => !theirs.has(url)),
  };
}

function lettersOf(tree: FlatTree): string {
  let text = '';
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] === textTag) text += nodeText(tree, i);
    else if ((tagFlags[tree.tag[i]] & flag.invisible) !== 0) i = tree.end[i] - 1;
  }
  return text.replace(/\s+/g, '');
}

/** Letters that parse5 shows and we do not, but for a few that one of the two takes for markup; 0 for most. */
function lostLetters(html: string): number {
  const theirs = visibleLetters(parseStandard(html)).length;
  const lost = theirs - lettersOf(parseHtml(html)).length;
  return lost > Math.max(30, 0.02 * theirs) ? lost : 0;
}

/** Mutates the pages in turn; their scripts are left out, since damage turns these into text. */
export function expectNothingLost(pages: readonly string[], mutations: number, tolerated: number): void {
  const losses: string[] = [];
  for (let seed = 0; seed < mutations; seed++) {
    const whole = pages[(seed * 7919) % pages.length]
      .slice(0, 20_000)
      .replace(/<script[^]*?<\/script>/gi, '');
    const html = mutatePage(whole, seed);
    const lost = lostLetters(html);
    if (lost > 0) losses.push(`seed ${seed}: ${lost} letters`);
  }
  expect(losses.length, losses.join('; ')).toBeLessThanOrEqual(tolerated);
}
