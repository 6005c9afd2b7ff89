// A page as a document: tree, metadata, main content, text.
import { gatherFacts, parseHtml, readMetadata } from '@gristmill/markup';
import { cutBlocks } from './blocks.ts';
import type { ExtractedText } from './extract-document.ts';
import { chooseContent, keepWhole } from './choose-content.ts';
import { readClues } from './page-clues.ts';
import { renderBlocks, type TextFormat } from './render.ts';

export interface HtmlOptions {
  readonly url?: string;
  readonly format?: TextFormat;
  /** Keep all that is shown but navigation: chapters of books have nothing around their content. */
  readonly whole?: boolean;
}

/** Main content and metadata of an HTML or XHTML page. @example extractHtml('<p>Hello</p>').text */
export function extractHtml(source: string, options: HtmlOptions = {}): ExtractedText {
  const tree = parseHtml(source);
  const facts = gatherFacts(tree, options.url);
  const metadata = readMetadata(facts);
  const page = cutBlocks(tree);
  const kept = options.whole ? keepWhole(page) : chooseContent(page, readClues(facts, metadata.title)).kept;
  return { text: renderBlocks(page, kept, options.format ?? 'text'), ...metadata };
}
