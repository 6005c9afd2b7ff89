// The published policies as lists of thresholds over the signals of libs/annotate. Reasons are datatrove's.
// Where the publications and their code differ, the choice is named here and the other value is one threshold away.

import { DataError, suggestName, type Json } from '@gristmill/core';
import { parsePolicy, withThresholds, type Operator, type Policy, type Rule } from './policy.ts';

function rule(name: string, signal: string, op: Operator, value: Rule['value'], reason: string): Rule {
  return { name, signal, op, value, reason };
}

const empty = rule('minCharacters', 'characters', '<', 1, 'empty');

/** Rae et al. 2021 (Gopher), table A1, in datatrove's order: paragraphs, lines, top and duplicate n-grams. */
const gopherRepetition: readonly Rule[] = [
  rule('maxDupParagraphFraction', 'dupParagraphFraction', '>', 0.3, 'dup_para_frac'),
  rule('maxDupParagraphCharFraction', 'dupParagraphCharFraction', '>', 0.2, 'dup_para_char_frac'),
  rule('maxDupLineFraction', 'dupLineFraction', '>', 0.3, 'dup_line_frac'),
  rule('maxDupLineCharFraction', 'dupLineCharFraction', '>', 0.2, 'dup_line_char_frac'),
  ...[0.2, 0.18, 0.16].map((value, i) =>
    rule(`maxTop${i + 2}GramCharFraction`, `top${i + 2}GramCharFraction`, '>', value, `top_${i + 2}_gram`),
  ),
  ...[0.15, 0.14, 0.13, 0.12, 0.11, 0.1].map((value, i) =>
    rule(
      `maxDup${i + 5}GramCharFraction`,
      `dup${i + 5}GramCharFraction`,
      '>',
      value,
      `duplicated_${i + 5}_n_grams`,
    ),
  ),
];

/** Rae et al. 2021, section A.1.1, as datatrove computes it: distinct stop words, mean length of non-symbol words. */
const gopherQuality: readonly Rule[] = [
  rule('minWords', 'nonSymbolWords', '<', 50, 'gopher_short_doc'),
  rule('maxWords', 'nonSymbolWords', '>', 100_000, 'gopher_long_doc'),
  rule('minMeanWordLength', 'meanWordLength', '<', 3, 'gopher_below_avg_threshold'),
  rule('maxMeanWordLength', 'meanWordLength', '>', 10, 'gopher_above_avg_threshold'),
  rule('maxHashRatio', 'hashRatio', '>', 0.1, 'gopher_too_many_hashes'),
  rule('maxEllipsisRatio', 'ellipsisRatio', '>', 0.1, 'gopher_too_many_ellipsis'),
  rule('maxBulletFraction', 'bulletLineFraction', '>', 0.9, 'gopher_too_many_bullets'),
  rule('maxEllipsisLineFraction', 'ellipsisLineFraction', '>', 0.3, 'gopher_too_many_end_ellipsis'),
  rule('minAlphaWordFraction', 'alphaWordFraction', '<', 0.8, 'gopher_below_alpha_threshold'),
  rule('minStopWords', 'stopWords', '<', 2, 'gopher_enough_stop_words'),
];

/**
 * Raffel et al. 2020 (C4). `variant` names the line loop whose signals count: `c4` keeps lines of 3 words that end in
 * terminal punctuation (the paper), `c4Code` 5 words (the code, with 3 sentences), `c4Open` 3 words and any ending (FineWeb).
 */
function c4Rules(variant: 'c4' | 'c4Code' | 'c4Open', minSentences: number): Rule[] {
  return [
    rule('maxLoremIpsum', `${variant}LoremIpsum`, '>', 0, 'lorem_ipsum'),
    rule('maxCurlyBrackets', `${variant}CurlyBracket`, '>', 0, 'curly_bracket'),
    rule('minSentences', `${variant}Sentences`, '<', minSentences, 'too_few_sentences'),
  ];
}

/**
 * Penedo et al. 2024 (FineWeb), section 3.6; .01 as in the code and appendix E.4 (section 3.6 prints .1). `kept` reads
 * the lines that C4's loop leaves, as FineWeb's chain does; without it the rules judge the text as it is.
 */
function finewebRules(kept: boolean): Rule[] {
  const of = (signal: string): string => (kept ? `kept${signal[0].toUpperCase()}${signal.slice(1)}` : signal);
  return [
    rule('minTerminalLineFraction', of('terminalLineFraction'), '<', 0.12, 'line_punct_ratio'),
    rule('maxShortLineFraction', of('shortLineFraction'), '>', 0.67, 'short_line_ratio'),
    rule('maxLineDupCharFraction', of('lineDupCharFraction'), '>', 0.01, 'char_dup_ratio'),
    rule('maxNewlineWordRatio', of('newlineWordRatio'), '>', 0.3, 'list_ratio'),
  ];
}

const english: readonly Rule[] = [
  rule('language', 'language', '!=', 'en', 'language'),
  rule('minLanguageScore', 'languageScore', '<', 0.65, 'language_score'),
];

/** Li et al. 2024 (DCLM) after Penedo et al. 2023 (RefinedWeb): more than 5 % of the words in lines that go. */
const refinedWebLines: readonly Rule[] = [
  rule('maxRemovedWordFraction', 'refinedWebRemovedWordFraction', '>', 0.05, 'line_removal'),
];

/** NeMo Curator's English heuristics; reasons are its filters' names in small letters. */
const nemo: readonly Rule[] = [
  rule('maxNonAlphanumericFraction', 'nonAlphanumericFraction', '>', 0.25, 'non_alpha_numeric'),
  rule('maxSymbolWordRatio', 'symbolWordRatio', '>', 0.1, 'symbol_to_word'),
  rule('maxDigitFraction', 'digitFraction', '>', 0.15, 'numbers_ratio'),
  rule('maxUrlFraction', 'urlCharFraction', '>', 0.2, 'urls_ratio'),
  rule('maxWhitespaceFraction', 'whitespaceFraction', '>', 0.25, 'white_space'),
  rule('maxParenthesisFraction', 'parenthesisFraction', '>', 0.1, 'parentheses_ratio'),
  rule('maxBoilerplateFraction', 'boilerplateParagraphFraction', '>', 0.4, 'boilerplate_string_ratio'),
  rule('maxRepeatedLineFraction', 'dupLineFraction', '>', 0.3, 'repeated_lines'),
  rule('maxRepeatedParagraphFraction', 'dupParagraphFraction', '>', 0.3, 'repeated_paragraphs'),
  rule('maxRepeatedLineCharFraction', 'dupLineCharFraction', '>', 0.2, 'repeated_lines_char'),
  rule('maxRepeatedParagraphCharFraction', 'dupParagraphCharFraction', '>', 0.2, 'repeated_paragraphs_char'),
  rule('minWords', 'spacedWords', '<', 50, 'word_count_min'),
  rule('maxWords', 'spacedWords', '>', 100_000, 'word_count_max'),
  rule('maxUnpunctuatedFraction', 'unpunctuatedSentenceFraction', '>', 0.85, 'punctuation'),
  rule('minAlphabetWordFraction', 'alphaSpacedWordFraction', '<', 0.8, 'words_without_alphabets'),
  rule('minCommonEnglishWords', 'commonEnglishWords', '<', 2, 'common_english_words'),
  rule('minMeanWordLength', 'meanSpacedWordLength', '<', 3, 'mean_word_length_min'),
  rule('maxMeanWordLength', 'meanSpacedWordLength', '>', 10, 'mean_word_length_max'),
  rule('maxWordLength', 'longestSpacedWord', '>', 1000, 'long_word'),
  rule('maxEllipsisLineFraction', 'ellipsisLineFraction', '>', 0.3, 'ellipsis'),
  rule('maxBulletFraction', 'bulletLineFraction', '>', 0.9, 'bullets'),
  ...gopherRepetition.slice(4),
];

/** C4 keeps no document with a bad word; `keptPerThousand` keeps a share of them, chosen by their ids. */
const badWords: readonly Rule[] = [rule('keptPerThousand', 'badWordDraw', '>=', 0, 'bad_words')];

/** Presets by the name that `--policy` takes. Each is complete: language is asked for only where the paper does. */
export const policies = {
  gopher: {
    name: 'gopher',
    source: 'Rae et al. 2021, arXiv 2112.11446',
    rules: [empty, ...gopherRepetition, ...gopherQuality],
  },
  c4: { name: 'c4', source: 'Raffel et al. 2020, arXiv 1910.10683', rules: [empty, ...c4Rules('c4', 5)] },
  'c4-code': {
    name: 'c4-code',
    source: 'the C4 builder of TensorFlow Datasets: 5 words a line, 3 sentences',
    rules: [empty, ...c4Rules('c4Code', 3)],
  },
  fineweb: {
    name: 'fineweb',
    source: 'Penedo et al. 2024, arXiv 2406.17557',
    rules: [
      empty,
      ...english,
      ...gopherRepetition,
      ...gopherQuality,
      ...c4Rules('c4Open', 5),
      ...finewebRules(true),
    ],
  },
  'fineweb-quality': {
    name: 'fineweb-quality',
    source: "FineWeb's own four rules alone, on the text as it is",
    rules: [empty, ...finewebRules(false)],
  },
  dclm: {
    name: 'dclm',
    source: 'Li et al. 2024, arXiv 2406.11794',
    rules: [empty, ...english, ...gopherQuality, ...gopherRepetition, ...refinedWebLines],
  },
  badWords: {
    name: 'badWords',
    source: 'Raffel et al. 2020, bad words of the LDNOOBW lists',
    rules: badWords,
  },
  blockedUrl: {
    name: 'blockedUrl',
    source: 'lists of the recipe; words as in RefinedWeb, Penedo et al. 2023, arXiv 2306.01116',
    rules: [
      rule('blockedUrl', 'blockedUrl', '>', '', 'blocked_url'),
      rule('maxUrlWords', 'urlWords', '>', 1, 'url_words'),
    ],
  },
  toxicity: {
    name: 'toxicity',
    source: 'a classifier of the recipe, in thousandths',
    rules: [rule('maxToxicity', 'toxicity', '>', 500, 'toxic')],
  },
  contamination: {
    name: 'contamination',
    source: 'Brown et al. 2020, arXiv 2005.14165, appendix C: 13-gram overlap',
    rules: [rule('maxContaminatedItems', 'contaminatedItems', '>', 0, 'contaminated')],
  },
  /** Only documents whose licence is known and lets others change and share: freedom as in the licence columns. */
  openLicence: {
    name: 'openLicence',
    rules: [rule('minLicenceFreedom', 'licenceFreedom', '<', 3, 'licence')],
  },
  notReserved: {
    name: 'notReserved',
    rules: [rule('reserved', 'licenceClass', '==', 'reserved', 'rights_reserved')],
  },
  nemo: { name: 'nemo', source: 'NeMo Curator, English heuristic filters', rules: [empty, ...nemo] },
} as const satisfies { readonly [name: string]: Policy };

export type PolicyName = keyof typeof policies;

/**
 * The policy that a recipe means, with the thresholds that it changes.
 * @param entry a policy's name, or a policy written out
 * @param thresholds policy → changed thresholds by rule name
 * @throws DataError `wrong-option`, `policy-invalid`, `policy-threshold`
 */
export function resolvePolicy(
  entry: Json,
  thresholds: Readonly<Record<string, Json | undefined>> = {},
): Policy {
  const policy = typeof entry === 'string' ? presetOf(entry) : parsePolicy(entry);
  const changes = Object.hasOwn(thresholds, policy.name) ? thresholds[policy.name] : undefined;
  if (changes === undefined) return policy;
  if (changes !== null && typeof changes === 'object' && !Array.isArray(changes))
    return withThresholds(policy, changes as Record<string, number>);
  throw wrong(`${policy.name} is ${JSON.stringify(changes)}`, 'it is an object: {minWords: 20}');
}

function presetOf(name: string): Policy {
  if (Object.hasOwn(policies, name)) return policies[name as keyof typeof policies];
  const names = Object.keys(policies);
  throw wrong(`there is no policy ${name}`, suggestName(name, names, `the policies are ${names.join(', ')}`));
}

const wrong = (message: string, hint: string) => new DataError('wrong-option', message, hint);
