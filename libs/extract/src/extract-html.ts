// A page as a document: tree, metadata, main content, text.
import { gatherFacts, parseHtml, readMetadata, tagNames, type FlatTree } from '@gristmill/markup';
import { cutBlocks, type BlockPage } from './blocks.ts';
import { findNotes } from './book-notes.ts';
import type { ExtractedText } from './extract-document.ts';
import { chooseContent, keepWhole, type ChosenContent, type Extractor } from './choose-content.ts';
import { readClues } from './page-clues.ts';
import type { PageClues } from './page-features.ts';
import { renderBlocks, type TextFormat } from './render.ts';
import { applySelectors, type Selected, type SiteSelectors } from './site-selectors.ts';

export interface HtmlOptions {
  readonly url?: string;
  readonly format?: TextFormat;
  /** Keep all that is shown but navigation: chapters of books have nothing around their content. */
  readonly whole?: boolean;
  /** What the recipe says of the page's site. */
  readonly selectors?: SiteSelectors;
  /** It is XHTML, and read as XML: an element may close itself. */
  readonly isXml?: boolean;
  /** Add which extractor was taken, and for each block whether it stayed and why. */
  readonly explain?: boolean;
}

/** The record of one page's blocks, in reading order. */
export interface HtmlExplanation {
  readonly extractor: Extractor | 'whole' | 'keep';
  readonly blocks: readonly ExplainedBlock[];
}

export interface ExplainedBlock {
  readonly kept: boolean;
  /** The judge's score, or the rule that decided. */
  readonly reason: string;
  /** Innermost block element: `p`, `li` … */
  readonly element: string;
  readonly text: string;
}

/** Main content and metadata of an HTML or XHTML page. @example extractHtml('<p>Hello</p>').text */
export function extractHtml(source: string, options: HtmlOptions = {}): ExtractedText {
  const tree = parseHtml(source, { isXml: options.isXml });
  const facts = gatherFacts(tree, options.url);
  const metadata = readMetadata(facts);
  const selected = options.selectors && applySelectors(tree, options.selectors);
  if (options.whole && !selected && options.explain !== true)
    return { ...metadata, ...readChapter(tree, options) };
  const page = cutBlocks(tree, selected?.left);
  const { kept, extractor, reasons } = choose(page, { ...options, selected }, () =>
    readClues(facts, metadata.title),
  );
  const text = renderBlocks(page, kept, options.format ?? 'text');
  const outcome = selected && { selectors: selected.outcome };
  if (options.explain !== true) return { text, ...metadata, ...outcome };
  const blocks = page.blocks.map((block, i) => ({
    kept: kept[i] === 1,
    reason: reasons?.[i] ?? extractor,
    element: tagNames[tree.tag[block.node]],
    text: block.text,
  }));
  return { text, ...metadata, ...outcome, explanation: { extractor, blocks } };
}

type Choosing = HtmlOptions & { readonly selected?: Selected };
type Chosen = Pick<ChosenContent, 'kept'> & {
  readonly extractor: HtmlExplanation['extractor'];
  readonly reasons?: readonly string[];
};

/** Which blocks stay: what a selector keeps needs no judge. */
function choose(page: BlockPage, { whole, selectors, selected }: Choosing, clues: () => PageClues): Chosen {
  const isKept = selected?.outcome === 'applied' && selectors?.keep !== undefined;
  if (isKept) return { kept: new Uint8Array(page.blocks.length).fill(1), extractor: 'keep' };
  return whole ? { kept: keepWhole(page), extractor: 'whole' } : chooseContent(page, clues());
}

/** All that a chapter says, its notes apart. One of nothing but notes is read as it stands. */
function readChapter(
  tree: FlatTree,
  { format = 'text' }: HtmlOptions,
): Pick<ExtractedText, 'text' | 'notes' | 'role'> {
  const { marks, notes } = findNotes(tree);
  const page = cutBlocks(tree, marks);
  const kept = keepWhole(page);
  const noted = new Uint8Array(kept.length);
  let note = 0;
  for (const { index, from } of page.blocks) {
    while (note < notes.length && from >= notes[note][1]) note++;
    if (kept[index] === 1 && note < notes.length && from >= notes[note][0]) noted[index] = 1;
  }
  if (!noted.includes(1)) return { text: renderBlocks(page, kept, format) };
  const words = kept.map((is, index) => (is === 1 && noted[index] === 0 ? 1 : 0));
  const text = renderBlocks(page, words, format);
  const apart = renderBlocks(page, noted, format);
  // A heading over the notes is no text; what calls one is.
  const inNotes = new Set(
    notes.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at)),
  );
  const isCalled = marks.some((mark, node) => mark === 1 && !inNotes.has(node));
  return isCalled || text.length > Math.min(longestHeading, apart.length)
    ? { text, notes: apart }
    : { text: renderBlocks(page, kept, format), role: 'notes' };
}

const longestHeading = 200;
