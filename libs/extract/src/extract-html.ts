// A page as a document: tree, metadata, main content, text.
import { parseHtml, readMetadata } from '@gristmill/markup';
import { cutBlocks } from './blocks.ts';
import type { ExtractedText } from './extract-document.ts';
import { renderBlocks, type TextFormat } from './render.ts';
import { selectContent } from './select-content.ts';

export interface HtmlOptions {
  readonly url?: string;
  readonly format?: TextFormat;
}

/** Main content and metadata of an HTML or XHTML page. @example extractHtml('<p>Hello</p>').text */
export function extractHtml(source: string, options: HtmlOptions = {}): ExtractedText {
  const tree = parseHtml(source);
  const page = cutBlocks(tree);
  const { kept } = selectContent(page);
  return { text: renderBlocks(page, kept, options.format ?? 'text'), ...readMetadata(tree, options.url) };
}
