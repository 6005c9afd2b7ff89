// Joins words that a typesetter divided at the end of a line: "exam-\nple" becomes "example". Whether the hyphen was
// part of the word is answered by the document itself: the spelling that stands elsewhere in it wins. Where neither does,
// the hyphen goes, unless the word has others ("state-of-the-\nart"): then it is a compound. Suspended hyphens ("pre-\nand post-war") are left alone.

import type { RuleResult } from './clean-text.ts';

// Small letters on both sides of the break; the parts are bounded so that matching stays linear.
const divided =
  /(?<![\p{L}\p{M}])([\p{L}\p{M}]{2,32})[-\u2010]\n[ \t]{0,16}([\p{Ll}\p{M}]{2,32})(?![\p{L}\p{M}])/gu;
/** Hyphenated parts of the same word before a place. */
const partsBefore = /(?:[\p{L}\p{M}]{1,32}[-\u2010]){1,6}$/u;
const partsAfter = /^(?:[-\u2010][\p{L}\p{M}]{1,32}){1,6}/u;
const suspended = new Set('and or to und oder bis et ou y o e i en of och eller og ja tai'.split(' '));

export function joinHyphenatedLines(text: string): RuleResult {
  if (!text.includes('-\n') && !text.includes('\u2010\n')) return { text, count: 0 };
  let words: Set<string> | undefined;
  let count = 0;
  const result = text.replace(divided, (found, before: string, after: string, at: number) => {
    if (suspended.has(after) && text.charAt(at + found.length) !== '-') return found;
    words ??= vocabulary(text);
    count++;
    const joined = before + after;
    const hyphenated = `${before}-${after}`;
    const front = partsBefore.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? '';
    const back = partsAfter.exec(text.slice(at + found.length, at + found.length + 200))?.[0] ?? '';
    const isCompound = front !== '' || back !== '';
    // The rest of the line stays where it is; only the second half of the word moves up.
    const isKnown = (word: string): boolean =>
      words!.has(`${front}${word}${back}`.replaceAll('\u2010', '-').toLowerCase());
    const keepHyphen = isKnown(hyphenated) ? !isKnown(joined) : isCompound && !isKnown(joined);
    return keepHyphen ? hyphenated : joined;
  });
  return { text: result, count };
}

function vocabulary(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/gu) ?? []);
}
