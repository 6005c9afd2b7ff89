// RefinedWeb's line corrections (Penedo et al. 2023, appendix G.2; Li et al. 2024 use them for DCLM) as a signal: the
// share of a document's words that stand in lines which the corrections remove. The text itself is not changed here.

import { countOf, fraction } from './line-signals.ts';
import type { TextScan } from './text-scan.ts';

/** A line of these and at most ten words is a page's control. */
const boilerplateStart = /^(?:sign[ -]in|log[ -]?in)\b/i;
const boilerplateEnd = /(?:read more|continue reading)\s?(?:\.\.\.|…)?$/i;
const boilerplateInside = /items? in cart/i;
const counter =
  /^[\d.,]{1,12} ?[km]? ?(?:likes?|shares?|comments?|retweets?|reposts?|quotes?|bookmarks?|upvotes?|downvotes?|downloads?|views?|followers?)$/i;
const mostBoilerplateWords = 10;
const mostUpperFraction = 0.5;

export function measureRefinedWeb({ text, lines }: TextScan, firstWord: Int32Array) {
  let total = 0;
  let removed = 0;
  let upperLines = 0;
  for (let i = 0; i < lines.count; i++) {
    const words = firstWord[i + 1] - firstWord[i];
    if (words === 0) continue;
    total += words;
    const start = lines.starts[i];
    const end = lines.ends[i];
    const isUpper = lines.letters[i] > 0 && lines.upper[i] / (end - start) > mostUpperFraction;
    if (isUpper) upperLines++;
    const isNumeric = lines.letters[i] === 0 && lines.digits[i] > 0;
    if (isUpper || isNumeric || words === 1 || isControl(text, start, end, words)) removed += words;
  }
  return {
    refinedWebRemovedWordFraction: fraction(removed, total),
    upperLineFraction: fraction(upperLines, lines.count),
    newlineRuns: countOf(text, '\n\n\n'),
  };
}

function isControl(text: string, start: number, end: number, words: number): boolean {
  // Ten words of prose are far below this; longer lines are not copied.
  if (words > mostBoilerplateWords || end - start > 200) return false;
  const line = text.slice(start, end).trim();
  return (
    counter.test(line) ||
    boilerplateStart.test(line) ||
    boilerplateEnd.test(line) ||
    boilerplateInside.test(line)
  );
}
