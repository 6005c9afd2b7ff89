// Repairs and normalises one text by a fixed sequence of rules. Every rule can be switched off (or on, for the two that
// lose information), and says how often it acted. Rules never look at other documents: lines that repeat across a
// corpus are dedup's, headers and footers of books are import's.

import { checkOptions, type JsonObject, type OptionSchema } from '@gristmill/core';
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

/** The rules in the order in which they run. */
export const cleanOptions = {
  mojibake: {
    type: 'boolean',
    default: true,
    description:
      'In the order in which they run; the value is the default. */\nexport const cleanRules = {\n  /** UTF-8 that somebody decoded as another charset (units: repaired sequences).',
  },
  control: {
    type: 'boolean',
    default: true,
    description:
      'Control, format and zero-width characters, terminal escapes, lone surrogates (units: characters).',
  },
  nfc: {
    type: 'boolean',
    default: true,
    description: 'Unicode NFC (1 when the text changed).',
  },
  whitespace: {
    type: 'boolean',
    default: true,
    description: 'Line ends, exotic spaces, runs of spaces and of blank lines (units: places).',
  },
  hyphenation: {
    type: 'boolean',
    default: true,
    description: "Words divided at a line's end (units: words).",
  },
  boilerplate: {
    type: 'boolean',
    default: true,
    description: 'Lines that belong to a page\'s controls: share bars, counters, "read more" (units: lines).',
  },
  lowercase: {
    type: 'boolean',
    default: false,
    description: 'Lower case, off unless asked (1 when the text changed).',
  },
  specialCharacters: {
    type: 'boolean',
    default: false,
    description:
      'Everything but letters, digits, marks, spaces and the punctuation of prose, off unless asked (units: characters).',
  },
} as const satisfies OptionSchema;

/** The value is the default. */
export const cleanRules = Object.fromEntries(
  Object.entries(cleanOptions).map(([name, { default: isOn }]) => [name, isOn]),
) as { readonly [rule in CleanRule]: boolean };

export type CleanRule = keyof typeof cleanOptions;
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
export function checkCleanOptions(options: JsonObject): CleanOptions {
  checkOptions(cleanOptions, options, { name: 'clean', code: 'clean-option' });
  return options as CleanOptions;
}

function changed(before: string, after: string): RuleResult {
  return { text: after, count: before === after ? 0 : 1 };
}
