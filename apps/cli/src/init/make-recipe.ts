// The recipe of a folder or a site: its sources and the steps that suit their size, as data and as TypeScript with the
// reason beside each choice. Defaults are lenient: a newcomer's documents stay unless they are broken or doubled.

import type { JsonObject, SourceKind } from '@gristmill/core';
import type { Recipe } from '@gristmill/corpus';
import { languageShares, medianLength, type SampledText } from './inspect-folder.ts';
import type { PlannedSource } from './plan-sources.ts';
import { spellLiteral } from './spell-literal.ts';

type Step = Recipe['steps'][number];

export interface RecipeFacts {
  readonly name: string;
  readonly sources: readonly PlannedSource[];
  readonly leftOut: readonly string[];
  readonly texts: readonly SampledText[];
  /** Of what the sources hold. */
  readonly bytes: number;
  readonly documents: number;
}

interface Explained<T> {
  readonly value: T;
  readonly why: readonly string[];
}

export interface MadeText {
  readonly recipe: Recipe;
  /** With comments. */
  readonly text: string;
}

/** @param command what wrote it, for the first line */
export function makeRecipe(facts: RecipeFacts, command: string): MadeText {
  const sources = facts.sources.map(({ source, remarks }) => ({ value: source, why: remarks }));
  const steps = makeSteps(facts);
  const partitions = facts.documents > 1_000_000 ? 64 : facts.documents > 20_000 ? 16 : 4;
  const recipe: Recipe = {
    name: facts.name,
    partitions,
    sources: sources.map(({ value }) => value),
    steps: steps.map(({ value }) => value),
  };
  const text = `// Written by \`${command}\`. It is yours: change what you like, \`gristmill run\` computes only what a change concerns.
// What may stand here, with defaults: \`gristmill options\`, \`gristmill options selectStage\`. Roots are relative to this file.
${facts.leftOut.length > 0 ? `// Left out: ${facts.leftOut.join('; ')}.\n` : ''}
import type { Recipe } from '@gristmill/corpus';

export default {
  name: ${spellLiteral(facts.name)},
  partitions: ${partitions},
  sources: [
${spellList(sources)}
  ],
  steps: [
${spellList(steps)}
  ],
} satisfies Recipe;
`;
  return { recipe, text };
}

function spellList(members: readonly Explained<unknown>[]): string {
  return members
    .map(({ value, why }) =>
      [...why.map((line) => `    // ${line}`), `    ${spellLiteral(value, '    ')},`].join('\n'),
    )
    .join('\n');
}

function makeSteps({ sources, texts, bytes, documents }: RecipeFacts): Explained<Step>[] {
  const facts = {
    kinds: new Set(sources.map(({ source }) => source.kind)),
    documents,
    isEnglish: languageShares(texts).every(([language, share]) => language === 'en' || share < 0.05),
  };
  const step = (stage: Step['stage'], module: string, name: string, options?: JsonObject): Step => ({
    stage,
    module: `@gristmill/${module}`,
    export: name,
    ...(options && { options: options as NonNullable<Step['options']> }),
  });
  const { languages, why } = languageOption(texts);
  const vocabSize = bytes < 1e6 ? 1024 : bytes < 2e7 ? 4096 : bytes < 1e9 ? 16_384 : 50_304;
  return [
    {
      value: step('extract', 'extract', 'extractStage'),
      why: ['Bytes to text: main content of pages, PDF, chapters.'],
    },
    { value: step('clean', 'clean', 'cleanStage'), why: [] },
    { value: step('annotate', 'annotate', 'languageStage', languages && { languages }), why },
    { value: step('annotate', 'annotate', 'heuristicsStage'), why: ['Signals that policies compare.'] },
    {
      value: step('annotate', 'annotate', 'personalDataStage'),
      why: ['Where personal data stands; pack masks it.'],
    },
    { value: step('dedup', 'dedup', 'dedupStage'), why: [] },
    {
      value: step('select', 'select', 'selectStage', selectOptions(facts)),
      why: selectReasons(facts),
    },
    {
      value: step('tokenizer', 'pack', 'tokenizerStage', { vocabSize }),
      why: ['Learned once and pinned beside this file; a larger vocabulary pays with more text.'],
    },
    { value: step('pack', 'pack', 'packStage'), why: [] },
  ];
}

/** Of texts of a line or two the model names languages that nobody wrote; told which can occur, it does not. */
function languageOption(texts: readonly SampledText[]): { languages?: string[]; why: string[] } {
  const shares = languageShares(texts);
  const spelled = shares.slice(0, 6).map(([language, share]) => `${language} ${Math.round(share * 100)} %`);
  const why = texts.length > 0 ? [`Of ${texts.length} sampled texts: ${spelled.join(', ')}.`] : [];
  const frequent = shares
    .filter(([language, share]) => language !== 'unknown' && share >= 0.1)
    .map(([name]) => name);
  if (medianLength(texts) >= 300 || frequent.length === 0 || shares.length < 4) return { why };
  return {
    languages: frequent,
    why: [...why, 'Short texts look like many languages: add one that is missing, or remove the option.'],
  };
}

interface SelectFacts {
  readonly kinds: ReadonlySet<SourceKind>;
  readonly documents: number;
  readonly isEnglish: boolean;
}

/**
 * Pages are judged by Gopher's rules (Rae et al. 2021) with room for manuals, lists and code, which its thresholds for
 * the open web drop nearly all of. Books, articles and posts were chosen by somebody and are judged by no rule.
 */
function selectOptions({ kinds, documents, isEnglish }: SelectFacts): JsonObject {
  // Its stop words are English: pages in other languages have none.
  const gopher = isEnglish ? lenientGopher : { ...lenientGopher, minStopWords: 0 };
  return {
    ...(kinds.has('web') && { policies: { web: ['gopher'] }, gopher }),
    duplicates: { threshold: 0.8 },
    split: { validation: documents < 50 ? 0 : 0.05, seed: 1 },
  };
}

const lenientGopher = {
  minWords: 20,
  minAlphaWordFraction: 0.4,
  maxMeanWordLength: 20,
  maxBulletFraction: 1,
  maxDupLineFraction: 0.6,
  maxDupLineCharFraction: 0.5,
  maxDupParagraphFraction: 0.6,
  maxDupParagraphCharFraction: 0.5,
  ...Object.fromEntries([2, 3, 4].map((words) => [`maxTop${words}GramCharFraction`, 0.4])),
  ...Object.fromEntries([5, 6, 7, 8, 9, 10].map((words) => [`maxDup${words}GramCharFraction`, 0.5])),
};

function selectReasons({ kinds, documents, isEnglish }: SelectFacts): string[] {
  return [
    ...(kinds.has('web')
      ? [
          "Pages: Gopher's rules with room for manuals, tables and code. Without the `gopher` member they are the paper's,",
          'made for the open web, which drop most pages of a manual.',
          ...(isEnglish
            ? []
            : ['Its stop words are English; not all of these pages are, so none is asked for.']),
        ]
      : []),
    'A kind of source without policies is judged by no rule. What a stricter policy would cost, before any is spent:',
    '`gristmill what-if CORPUS --set \'select.policies={"article": ["gopher"]}\'`',
    ...(documents < 50 ? ['With so few documents none is held out for validation.'] : []),
  ];
}
