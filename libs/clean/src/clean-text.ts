// Repairs and normalises one text by a fixed sequence of rules. Every rule can be switched off (or on, for the two that
// lose information), and says how often it acted. Rules never look at other documents: lines that repeat across a
// corpus are dedup's, headers and footers of books are import's.

import { DataError } from '@gristmill/core';
import { toNfc } from '@gristmill/text';
import { removeBoilerplateLines } from './boilerplate.ts';
import { removeControlCharacters } from './control-characters.ts';
import { joinHyphenatedLines } from './hyphenation.ts';
import { repairMojibake } from './mojibake.ts';
import { lowercase, removeSpecialCharacters } from './reductions.ts';
import { normalizeWhitespace } from './whitespace.ts';

/** A rule's new text and how often it acted; the same string when it did not. */
export interface RuleResult {
  readonly text: string;
  readonly count: number;
}

/** In the order in which they run; the value is the default. */
export const cleanRules = {
  /** UTF-8 that somebody decoded as another charset (units: repaired sequences). */
  mojibake: true,
  /** Control, format and zero-width characters, terminal escapes, lone surrogates (units: characters). */
  control: true,
  /** Unicode NFC (1 when the text changed). */
  nfc: true,
  /** Line ends, exotic spaces, runs of spaces and of blank lines (units: places). */
  whitespace: true,
  /** Words divided at a line's end (units: words). */
  hyphenation: true,
  /** Lines that belong to a page's controls: share bars, counters, "read more" (units: lines). */
  boilerplate: true,
  /** Lower case, off unless asked (1 when the text changed). */
  lowercase: false,
  /** Everything but letters, digits, marks, spaces and the punctuation of prose, off unless asked (units: characters). */
  specialCharacters: false,
} as const;

export type CleanRule = keyof typeof cleanRules;
export type CleanOptions = { readonly [rule in CleanRule]?: boolean };

const steps: { readonly [rule in CleanRule]: (text: string) => RuleResult } = {
  mojibake: repairMojibake,
  control: removeControlCharacters,
  nfc: (text) => changed(text, toNfc(text)),
  whitespace: normalizeWhitespace,
  hyphenation: joinHyphenatedLines,
  boilerplate: removeBoilerplateLines,
  lowercase: (text) => changed(text, lowercase(text)),
  specialCharacters: removeSpecialCharacters,
};

/** Counts hold only the rules that acted. */
export interface CleanResult {
  readonly text: string;
  readonly counts: { readonly [rule: string]: number };
}

/**
 * @example cleanText('naÃ¯ve\r\n').text // 'naïve'
 */
export function cleanText(text: string, options: CleanOptions = {}): CleanResult {
  const counts: Record<string, number> = {};
  let current = text;
  for (const rule of Object.keys(cleanRules) as CleanRule[]) {
    if (!(options[rule] ?? cleanRules[rule])) continue;
    const result = steps[rule](current);
    current = result.text;
    if (result.count > 0) counts[rule] = result.count;
  }
  return { text: current, counts };
}

/** Throws DataError for a rule that does not exist or a value that is no boolean. */
export function checkCleanOptions(options: { readonly [name: string]: unknown }): CleanOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(cleanRules, name) || typeof value !== 'boolean') {
      throw new DataError(
        'clean-option',
        `clean has no rule ${JSON.stringify(name)} with the value ${JSON.stringify(value)}`,
        `the rules are ${Object.keys(cleanRules).join(', ')}; each is true or false`,
      );
    }
  }
  return options as CleanOptions;
}

function changed(before: string, after: string): RuleResult {
  return { text: after, count: before === after ? 0 : 1 };
}
