// Which format a file of records is in, by its first bytes; its name decides between what looks alike.

import { decodeText } from '@gristmill/text';
import { parseJson } from './json-parse.ts';
import type { RecordFormat } from './record-values.ts';
import type { Unpacked } from './unpack.ts';

const mostLines = 100;

/** Undefined for what is no file of records. */
export function recordFormatOf(
  { head, isWhole, name }: Pick<Unpacked, 'head' | 'isWhole' | 'name'>,
  asked?: RecordFormat,
): RecordFormat | undefined {
  const start = head.toString('latin1', 0, 8);
  if (/^PAR[1E]/.test(start)) return 'parquet';
  if (/^ARROW1/.test(start) || /^\xff\xff\xff\xff[^]{3}\0/.test(start)) return 'arrow';
  if (asked !== undefined) return asked;
  if (/\.(?:[ct]sv|tab)$/i.test(name)) return 'csv';
  const text = sampleText(head);
  if (/\.(?:jsonl|ndjson|jsonlines)$/i.test(name)) return isOneText(text, isWhole) ? 'json' : 'jsonl';
  if (!/\.(?:json|geojson|jsonld)$/i.test(name) && !jsonStart.test(text)) return undefined;
  return hasLines(text, isWhole) ? 'jsonl' : 'json';
}

/** No prose begins with an object's first key. */
const jsonStart = /^[\s\x1e]*(?:\[\s*)?\{\s*(?:"(?:[^"\\\n]|\\.)*"\s*:|\}\s*[\],]?\s*$)/;

export function sampleText(head: Buffer): string {
  const { text } = decodeText(head, { markup: 'none' });
  return text.replace(/^\uFEFF/, '').replaceAll('\0', '');
}

/** Lines that are values of their own: at least two, and half of all. */
function hasLines(text: string, isWhole: boolean): boolean {
  const lines = linesOf(text, isWhole);
  const values = lines.filter(isObjectText).length;
  return values >= 2 && values * 2 >= lines.length;
}

/** An array or object over several lines, of which none is a value by itself. */
function isOneText(text: string, isWhole: boolean): boolean {
  const lines = linesOf(text, isWhole);
  if (!/^\s*[[{]\s*$/.test(lines[0] ?? '') && !/^\s*\[\s*\{/.test(text)) return false;
  return lines.filter((line) => isObjectText(line) && !/^\s*\[/.test(line)).length * 2 < lines.length;
}

function linesOf(text: string, isWhole: boolean): string[] {
  const lines = text.split('\n');
  if (!isWhole) lines.pop();
  return lines.filter((line) => line.trim() !== '').slice(0, mostLines);
}

function isObjectText(line: string): boolean {
  const trimmed = line.replace(/^[\s\x1e]+/, '');
  return /^[[{]/.test(trimmed) && parseJson(trimmed) !== undefined;
}

/** What parts the columns of a table: by its name, else what its first line holds most of. */
export function delimiterOf(name: string, head: Buffer): string {
  if (/\.(?:tsv|tab)$/i.test(name)) return '\t';
  const [line] = sampleText(head)
    .replace(/"(?:[^"]|"")*"/g, '')
    .trimStart()
    .split('\n', 1);
  const counts = [',', ';', '\t', '|'].map((mark) => [mark, line.split(mark).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
