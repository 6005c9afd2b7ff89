// Plain text and Markdown. Text stays as it is but for line ends and a byte order mark; Markdown loses its marks when
// plain text is wanted, line by line, without building a tree.

import type { ExtractedText } from './extract-document.ts';

/** Text as it stands, with `\n` line ends. */
export function extractPlainText(source: string): ExtractedText {
  return {
    text: source
      .replace(/^\ufeff/, '')
      .replace(/\r\n?/g, '\n')
      .replace(/\u0000/g, ''),
  };
}

const longestLine = 20_000;
const fence = /^ {0,3}(`{3,}|~{3,})/;

/** Markdown as plain text: the words a reader of the rendered page sees. */
export function plainMarkdown(source: string): ExtractedText {
  const { body, fields } = splitFrontMatter(extractPlainText(source).text);
  let fenced: string | undefined;
  const lines = body.split('\n').flatMap((line) => {
    const mark = fence.exec(line)?.[1];
    if (mark !== undefined && (fenced === undefined || mark.startsWith(fenced))) {
      fenced = fenced === undefined ? mark : undefined;
      return [];
    }
    return fenced === undefined ? plainLine(line) : [line];
  });
  const title =
    fields['title'] ??
    /^#[ \t]+(\S.{0,300})/m
      .exec(body)?.[1]
      .replace(/#{1,6}$/, '')
      .trim();
  return {
    text: lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    title,
    author: fields['author'],
    date: fields['date'],
    language: fields['lang'],
  };
}

function plainLine(line: string): string[] {
  // Nobody writes such lines by hand, and the patterns below are not made for them.
  if (line.length > longestLine) return [line];
  if (
    /^ {0,3}(?:={2,}|-{3,}|\*{3,}|_{3,})\s*$/.test(line) ||
    (line.includes('--') && /^\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-+:?)?$/.test(line.trim()))
  )
    return [];
  if (/^ {0,3}\[[^\]]{1,200}\]:\s*\S+/.test(line)) return [];
  return [
    plainInline(
      line
        .replace(/^ {0,3}#{1,6}\s/, '')
        .replace(/^(?: {0,3}>\s?)+/, '')
        .replace(/^(\s*)[*+] /, '$1- '),
    ),
  ];
}

function plainInline(line: string): string {
  return line
    .replace(/!\[([^\]]{0,1000})\]\([^)]{0,2000}\)/g, '$1')
    .replace(/\[([^\]]{1,1000})\](?:\([^)]{0,2000}\)|\[[^\]]{0,200}\])/g, '$1')
    .replace(/(\*\*|__)(?=\S)([^*_\n]{1,1000}?\S?)\1/g, '$2')
    .replace(/(?<![\w*])\*(?=\S)([^*\n]{1,1000})\*(?![\w*])/g, '$1')
    .replace(/(?<!\w)_(?=\S)([^_\n]{1,1000})_(?!\w)/g, '$1')
    .replace(/(`{1,5})([^`\n]{1,1000})\1/g, '$2')
    .replace(/<\/?[a-z][^<>\n]{0,500}>/gi, '')
    .replace(/\\([\\`*_{}[\]()#+\-.!|>~])/g, '$1');
}

/** Splits YAML front matter off; only flat `key: value` lines are read. */
function splitFrontMatter(text: string): { body: string; fields: Record<string, string | undefined> } {
  const match = /^---\n([\s\S]{0,10000}?)\n---\n/.exec(text);
  if (match === null) return { body: text, fields: {} };
  const fields: Record<string, string | undefined> = {};
  for (const line of match[1].split('\n')) {
    const pair = /^([a-z]+):\s*(.+?)\s*$/i.exec(line);
    if (pair !== null) fields[pair[1].toLowerCase()] = pair[2].replace(/^(["'])(.*)\1$/, '$2');
  }
  return { body: text.slice(match[0].length), fields };
}
