// Repeated passages and pieces in plain TypeScript, over strings: what the fingerprints, hashes and slices are tested
// against. Nothing else uses it.

import { normalizeForDedup } from '@gristmill/text';
import { createFingerprinter } from './fingerprint.ts';
import { toUnits } from './to-units.ts';

export interface RankedText {
  readonly id: string;
  readonly text: string;
  readonly quality: number;
}

type Spans = [number, number][];

/** Best first: quality, then the lesser id. */
function byRank(texts: readonly RankedText[]): RankedText[] {
  return [...texts].sort((a, b) => b.quality - a.quality || (a.id < b.id ? -1 : 1));
}

/** Spans of all runs of `words` words that a better text, or an earlier place of the same, has too. */
export function passagesPlainly(texts: readonly RankedText[], words: number): Map<string, Spans> {
  const seen = new Set<string>();
  const found = new Map<string, Spans>();
  const { locate } = createFingerprinter();
  for (const { id, text } of byRank(texts)) {
    const list = normalizeForDedup(text).split(' ');
    const { spans } = locate(text, 1);
    const starts = toUnits(
      text,
      spans.filter((_, i) => i % 2 === 0),
    );
    for (let at = 0; at + words <= list.length; at++) {
      const run = list.slice(at, at + words).join(' ');
      const span: [number, number] = [at === 0 ? 0 : starts[at], starts[at + words] ?? text.length];
      if (seen.has(run)) found.set(id, [...(found.get(id) ?? []), span]);
      seen.add(run);
    }
  }
  return found;
}

/** Spans of lines, or paragraphs, of at least `words` words that a better text has too. */
export function piecesPlainly(
  texts: readonly RankedText[],
  kind: 'lines' | 'paragraphs',
  words: number,
): Map<string, Spans> {
  const holder = new Map<string, string>();
  const found = new Map<string, Spans>();
  for (const { id, text } of byRank(texts)) {
    for (const [start, end] of kind === 'lines' ? lineSpans(text) : paragraphSpans(text)) {
      const normal = normalizeForDedup(text.slice(start, end));
      if (normal === '' || normal.split(' ').length < words) continue;
      if (!holder.has(normal)) holder.set(normal, id);
      else if (holder.get(normal) !== id) found.set(id, [...(found.get(id) ?? []), [start, end]]);
    }
  }
  return found;
}

export function lineSpans(text: string): Spans {
  const spans: Spans = [];
  for (let start = 0; start < text.length; start = spans.at(-1)![1]) {
    const end = text.indexOf('\n', start);
    spans.push([start, end < 0 ? text.length : end + 1]);
  }
  return spans;
}

/** Runs of lines that are not blank, each to where the next begins. */
export function paragraphSpans(text: string): Spans {
  const starts: number[] = [];
  let isBlank = true;
  for (const [start, end] of lineSpans(text)) {
    const wasBlank = isBlank;
    isBlank = /^[ \t\r\n]*$/.test(text.slice(start, end));
    if (!isBlank && wasBlank) starts.push(start);
  }
  return starts.map((start, i) => [start, starts[i + 1] ?? text.length]);
}
