// Pages of MediaWiki (wikitext, as dumps have them) as documents. They become HTML, which the reader of chapters takes from
// there: so lists, tables and headings come out as they do for pages. Syntax: mediawiki.org/wiki/Help:Formatting, …/Help:Tables,
// …/Specs/wikitext. Dropped: notes, pictures, galleries, categories, what templates show that only their wiki knows
// (`wikitext-templates.ts` has the rule), and headings under which nothing is left.

import type { ExtractedText } from './extract-document.ts';
import { extractHtml } from './extract-html.ts';
import type { TextFormat } from './render.ts';
import { createBlockWriter } from './wikitext-blocks.ts';
import {
  keepAllowedTags,
  marker,
  resolveAddresses,
  resolveLinks,
  resolveVariants,
} from './wikitext-inline.ts';
import { resolveTemplates } from './wikitext-templates.ts';

/** @example extractWikitext("'''A''' is [[b|c]].").text // 'A is c.' */
export function extractWikitext(source: string, format: TextFormat = 'text'): ExtractedText {
  return { text: extractHtml(wikitextHtml(source), { whole: true, format }).text };
}

/** The page as HTML, in time that grows with its length. */
export function wikitextHtml(source: string): string {
  const kept: string[] = [];
  const plain = takeOut(source.replaceAll(marker, '').replace(/\r\n?/g, '\n'), kept);
  const resolved = resolveVariants(resolveLinks(resolveTemplates(plain)));
  const text = resolveAddresses(keepAllowedTags(resolved))
    .replace(/__[A-Z]{3,30}__/g, '')
    .replace(/[ \t]{0,20}\((?:[\s,;:–-]|&nbsp;){0,50}\)/g, '')
    .replace(/\([ \t]{0,20}[,;][ \t]{0,20}/g, '(')
    .replace(/[ \t]{0,20}[,;][ \t]{0,20}\)/g, ')');
  const writer = createBlockWriter();
  for (const line of text.split('\n')) writer.line(line);
  return `<!doctype html><body>${writer.end()}</body>`.replace(
    new RegExp(`${marker}(\\d+);`, 'g'),
    (_, index: string) => kept[Number(index)],
  );
}

/** What holds no wikitext, or is dropped with all that it holds: how it is shown. */
const elements: ReadonlyMap<string, (body: string, attributes: string) => string> = new Map([
  ['nowiki', escapeHtml],
  ['pre', (body) => `<pre>${escapeHtml(body.replace(/<\/?nowiki>/gi, ''))}</pre>`],
  ['source', listing],
  ['syntaxhighlight', listing],
  ['math', formula],
  ['chem', (body) => escapeHtml(body)],
  ...[
    'ref',
    'references',
    'gallery',
    'timeline',
    'imagemap',
    'score',
    'graph',
    'mapframe',
    'maplink',
    'includeonly',
  ].map((name) => [name, () => ''] as const),
  ...['templatedata', 'templatestyles', 'categorytree', 'inputbox', 'hiero', 'ce'].map(
    (name) => [name, () => ''] as const,
  ),
]);

/** A text's own entities stand in what it quotes, too. */
function escapeHtml(text: string): string {
  return text
    .replace(/&(?!#?\w{1,31};)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function listing(body: string, attributes: string): string {
  const element = /\binline\b/i.test(attributes) ? 'code' : 'pre';
  return `<${element}>${escapeHtml(body.replace(/^\n/, ''))}</${element}>`;
}

function formula(body: string, attributes: string): string {
  const mark = /display\s*=\s*["']?block/i.test(attributes) ? '$$' : '$';
  const lines = body.split('\n').map((line) => line.trim());
  return escapeHtml(`${mark}${lines.filter((line) => line !== '').join(' ')}${mark}`);
}

const openings = new RegExp(`<!--|<(${[...elements.keys()].join('|')})(\\s[^<>]{0,2000}?)?(/?)>`, 'gi');

/** Comments go; elements of the table are put aside, so that nothing in them is taken for wikitext. */
function takeOut(source: string, kept: string[]): string {
  const closings = new Map<string, { readonly pattern: RegExp; isNone: boolean }>();
  let result = '';
  let from = 0;
  openings.lastIndex = 0;
  for (let found = openings.exec(source); found; found = openings.exec(source)) {
    const [whole, name, attributes = '', slash] = found;
    const key = name?.toLowerCase() ?? '--';
    const end = slash ? undefined : endOf(source, found.index + whole.length, key, closings);
    result += source.slice(from, found.index);
    from = end?.after ?? found.index + whole.length;
    openings.lastIndex = from;
    // What is never closed counts as closed at once; a comment hides the rest, as in MediaWiki.
    if (name === undefined) {
      if (end === undefined) from = openings.lastIndex = source.length;
      continue;
    }
    const shown = elements.get(key)!(
      end === undefined ? '' : source.slice(end.start, end.before),
      attributes,
    );
    if (shown === '') continue;
    // What is a block stands in a line of its own.
    const isBlock = shown.startsWith('<pre>');
    result += isBlock ? `\n${marker}${kept.length};\n` : `${marker}${kept.length};`;
    kept.push(shown);
  }
  return result + source.slice(from);
}

function endOf(
  source: string,
  start: number,
  key: string,
  closings: Map<string, { readonly pattern: RegExp; isNone: boolean }>,
): { start: number; before: number; after: number } | undefined {
  let closing = closings.get(key);
  if (!closing) {
    const pattern = key === '--' ? /-->/g : new RegExp(`</${key}\\s{0,9}>`, 'gi');
    closings.set(key, (closing = { pattern, isNone: false }));
  }
  // Where there was none behind an earlier place, there is none behind this one.
  if (closing.isNone) return undefined;
  closing.pattern.lastIndex = start;
  const found = closing.pattern.exec(source);
  if (!found) closing.isNone = true;
  return found ? { start, before: found.index, after: found.index + found[0].length } : undefined;
}
