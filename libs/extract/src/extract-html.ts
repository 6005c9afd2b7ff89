// A page as a document: tree, metadata, main content, text.
import { gatherFacts, parseHtml, readMetadata, tagNames } from '@gristmill/markup';
import { cutBlocks } from './blocks.ts';
import type { ExtractedText } from './extract-document.ts';
import { chooseContent, keepWhole, type Extractor } from './choose-content.ts';
import { readClues } from './page-clues.ts';
import { renderBlocks, type TextFormat } from './render.ts';

export interface HtmlOptions {
  readonly url?: string;
  readonly format?: TextFormat;
  /** Keep all that is shown but navigation: chapters of books have nothing around their content. */
  readonly whole?: boolean;
  /** It is XHTML, and read as XML: an element may close itself. */
  readonly isXml?: boolean;
  /** Add which extractor was taken, and for each block whether it stayed and why. */
  readonly explain?: boolean;
}

/** The record of one page's blocks, in reading order. */
export interface HtmlExplanation {
  readonly extractor: Extractor | 'whole';
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
  const page = cutBlocks(tree);
  const { kept, extractor, reasons } = options.whole
    ? { kept: keepWhole(page), extractor: 'whole' as const, reasons: undefined }
    : chooseContent(page, readClues(facts, metadata.title));
  const text = renderBlocks(page, kept, options.format ?? 'text');
  if (options.explain !== true) return { text, ...metadata };
  const blocks = page.blocks.map((block, i) => ({
    kept: kept[i] === 1,
    reason: reasons?.[i] ?? 'whole',
    element: tagNames[tree.tag[block.node]],
    text: block.text,
  }));
  return { text, ...metadata, explanation: { extractor, blocks } };
}
