// The last change to a text before it becomes tokens: select's removals (repeated passages) are cut out and personal
// data is masked. A pure function of the clean text, the spans and the document's id; nothing is written back.

import { findPersonalData, maskFor, type PersonalData } from '@gristmill/detect';

/** Start and end in UTF-16 code units. */
export type TextSpan = readonly [start: number, end: number];

export interface PreparedText {
  readonly text: string;
  /** Code units cut out, and findings masked. */
  readonly removed: number;
  readonly masked: number;
}

/**
 * @param removals spans to cut out, in any order; they may overlap
 * @param personalData findings on the same text; undefined = look for them here; false = do not mask
 * @example prepareText('a b c', [[1, 3]], [], id).text === 'a c'
 */
export function prepareText(
  text: string,
  removals: readonly TextSpan[],
  personalData: readonly PersonalData[] | undefined | false,
  id: string,
): PreparedText {
  const findings = personalData === false ? [] : (personalData ?? findPersonalData(text));
  if (removals.length === 0 && findings.length === 0) return { text, removed: 0, masked: 0 };
  const cuts = mergeSpans(removals, text.length);
  const kept = findings.filter(({ start, end }) => !cuts.some((cut) => cut[0] <= start && end <= cut[1]));
  const edits: [number, number, string][] = [
    ...cuts.map(([start, end]): [number, number, string] => [start, end, '']),
    ...kept.map((finding): [number, number, string] => [
      finding.start,
      finding.end,
      maskFor(finding.type, text.slice(finding.start, finding.end), id),
    ]),
  ];
  return {
    text: applyEdits(text, edits),
    removed: cuts.reduce((sum, [start, end]) => sum + end - start, 0),
    masked: kept.length,
  };
}

/** Sorted, within the text, overlaps and neighbours joined. */
function mergeSpans(spans: readonly TextSpan[], length: number): TextSpan[] {
  const merged: [number, number][] = [];
  const sorted = [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [start, end] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], Math.min(end, length));
    else if (start < Math.min(end, length)) merged.push([Math.max(0, start), Math.min(end, length)]);
  }
  return merged;
}

/** Where a mask and a cut overlap in part, both apply: the mask stands before or after the cut. */
function applyEdits(text: string, edits: [number, number, string][]): string {
  edits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let edited = '';
  let at = 0;
  for (const [start, end, replacement] of edits) {
    edited += text.slice(at, Math.max(at, start)) + replacement;
    at = Math.max(at, end);
  }
  return edited + text.slice(at);
}
