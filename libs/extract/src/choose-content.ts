// The cascade that decides what of a page is content: the learned judge, the hand-written rules where it finds next to
// nothing, everything that is shown where both do. Each block records who decided on it.

import { tag } from '@gristmill/markup';
import type { BlockPage } from './blocks.ts';
import { scoreBlocks } from './content-classifier.ts';
import { keepDataTables } from './keep-tables.ts';
import { computeFeatures, type PageClues } from './page-features.ts';
import { selectContent } from './select-content.ts';
import {
  dropOuterLinks,
  dropPeople,
  dropSideCells,
  keepBetween,
  keepCode,
  keepHeadings,
  keepTerms,
} from './settle-choices.ts';

export type Extractor = 'classifier' | 'rules' | 'everything';

export interface ChosenContent {
  /** One for each block: 1 = content. */
  readonly kept: Uint8Array;
  /** The extractor whose answer was taken for the page. */
  readonly extractor: Extractor;
  /** Why each block stayed or went: the judge's score or the name of a rule. */
  readonly reasons: readonly string[];
}

/** Pages with less text than this after the judge are given to the rules as well. */
const fewLetters = 250;

/** Decides on every block of a page. */
export function chooseContent(page: BlockPage, clues: PageClues = {}): ChosenContent {
  const { blocks } = page;
  const scores = scoreBlocks(computeFeatures(page, clues));
  const judged = Uint8Array.from(scores, (score) => (score > 0 ? 1 : 0));
  const letters = lettersOf(page, judged);
  const byScore = () =>
    Array.from(scores, (score, i) =>
      score > 0 === (judged[i] === 1) ? `score ${score}` : `settled, score ${score}`,
    );
  if (letters > 0) settle(page, scores, judged);
  if (letters >= fewLetters) return { kept: judged, extractor: 'classifier', reasons: byScore() };
  const ruled = selectContent(page);
  const ruledLetters = lettersOf(page, ruled.kept);
  if (ruledLetters > letters) return { kept: ruled.kept, extractor: 'rules', reasons: ruled.rule };
  if (letters > 0) return { kept: judged, extractor: 'classifier', reasons: byScore() };
  return {
    kept: new Uint8Array(blocks.length).fill(1),
    extractor: 'everything',
    reasons: blocks.map(() => 'everything'),
  };
}

function settle(page: BlockPage, scores: Int32Array, kept: Uint8Array): void {
  keepHeadings(page, scores, kept);
  dropSideCells(page, scores, kept);
  keepDataTables(page, kept);
  keepCode(page, kept);
  keepBetween(page, scores, kept);
  keepTerms(page, kept);
  dropPeople(page, kept);
  dropOuterLinks(page, kept);
}

/** Every block but those in `nav`. */
export function keepWhole(page: BlockPage): Uint8Array {
  const { tree } = page;
  const kept = new Uint8Array(page.blocks.length).fill(1);
  for (
    let i = tree.tag.indexOf(tag.nav);
    i >= 0 && i < tree.length;
    i = tree.tag.indexOf(tag.nav, tree.end[i])
  ) {
    for (const block of page.blocks) if (block.from > i && block.from < tree.end[i]) kept[block.index] = 0;
  }
  return kept;
}

function lettersOf(page: BlockPage, kept: Uint8Array): number {
  let letters = 0;
  for (const block of page.blocks) if (kept[block.index] === 1) letters += block.text.length;
  return letters;
}
