// A page as a document: tree, metadata, main content, text.
import { gatherFacts, parseHtml, readMetadata } from '@gristmill/markup';
import { cutBlocks } from './blocks.ts';
import type { ExtractedText } from './extract-document.ts';
import { chooseContent } from './choose-content.ts';
import { readClues } from './page-clues.ts';
import { renderBlocks, type TextFormat } from './render.ts';

export interface HtmlOptions {
  readonly url?: string;
  readonly format?: TextFormat;
}

/** Main content and metadata of an HTML or XHTML page. @example extractHtml('<p>Hello</p>').text */
export function extractHtml(source: string, options: HtmlOptions = {}): ExtractedText {
  const tree = parseHtml(source);
  const facts = gatherFacts(tree, options.url);
  const metadata = readMetadata(facts);
  const page = cutBlocks(tree);
  const { kept } = chooseContent(page, readClues(facts, metadata.title));
  return { text: renderBlocks(page, kept, options.format ?? 'text'), ...metadata };
}
