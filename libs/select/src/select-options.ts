// What a recipe says to select: policies by kind of source, thresholds by policy, when a duplicate goes, how to split.
// All of it is data, so that a recipe can be hashed and `what-if --set select.gopher.maxBulletFraction=0.8` is a value.

import type { ResolvedPolicy } from '@gristmill/consent';
import {
  checkOptions,
  DataError,
  resolveOptions,
  unknownOption,
  type Json,
  type JsonObject,
  type OptionSchema,
  type OptionsOf,
  type ResolvedOptions,
} from '@gristmill/core';
import { policies, resolvePolicy, type Policy } from '@gristmill/detect';
import { consentOption, resolveConsent } from './consent-option.ts';

const policyList = {
  type: 'json',
  default: [],
  description: 'List of policies, by name or written out; the first rule that drops names the reason.',
} as const;
const repeatChoice = { type: 'string', values: ['keep', 'remove'], default: 'keep' } as const;

/** Further names are policies in use, with thresholds by rule name: `{gopher: {maxBulletFraction: 0.8}}`. */
export const selectOptions = {
  consent: consentOption,
  policies: {
    type: 'object',
    otherwise: 'none: nothing is dropped for its signals',
    description: 'Kind of source → policies. A kind without policies is judged by no rule.',
    members: { book: policyList, article: policyList, web: policyList, post: policyList },
  },
  duplicates: {
    type: 'object',
    description: 'When a duplicate goes; the best of each cluster stays.',
    members: {
      threshold: {
        type: 'number',
        default: 0.8,
        least: 0.5,
        most: 1,
        nullable: true,
        description:
          'Least Jaccard similarity of word 5-grams at which a duplicate goes; null keeps them all.',
      },
      containment: {
        type: 'number',
        default: null,
        least: 0.5,
        most: 1,
        nullable: true,
        description:
          'Least share of the shorter document that lies in the longer one (`passageStage`); null: it stays.',
      },
      sameAddress: {
        type: 'number',
        otherwise: '`threshold`',
        least: 0.5,
        most: 1,
        nullable: true,
        description: 'The threshold for two documents of one address.',
      },
    },
  },
  repeats: {
    type: 'object',
    description: 'Repeated text: remove all copies but the best, or keep.',
    members: {
      passages: { ...repeatChoice, description: 'Needs `passageStage`.' },
      paragraphs: { ...repeatChoice, description: 'Needs `paragraphStage`.' },
      lines: { ...repeatChoice, description: 'Needs `paragraphStage`.' },
    },
  },
  split: {
    type: 'object',
    description: 'Shares of the documents that are held out; whole groups and clusters go one way.',
    members: {
      validation: { type: 'number', default: 0.05, least: 0, most: 1, description: 'For validation.' },
      test: { type: 'number', default: 0, least: 0, most: 1, description: 'For a test.' },
      seed: { type: 'number', default: 1, least: 0, most: 2 ** 32, description: 'Of the draw.' },
    },
  },
  quality: {
    type: 'object',
    nullable: true,
    otherwise: 'the longer text is the better one',
    description: 'Which signal ranks duplicates.',
    members: {
      signal: { type: 'string', required: true, description: 'A signal that annotate writes.' },
      scale: {
        type: 'number',
        default: 1000,
        least: 0,
        most: 2 ** 31,
        description: 'The signal times this, rounded, is compared.',
      },
    },
  },
} as const satisfies OptionSchema;

const owner = { name: 'select', code: 'wrong-option' };

/** @example { policies: { web: ['fineweb'], book: [] }, duplicates: { threshold: 0.8 }, repeats: { passages: 'remove' } } */
export type SelectOptions = JsonObject & OptionsOf<typeof selectOptions>;

export interface ResolvedSelectOptions {
  readonly consent: ResolvedPolicy;
  readonly policies: ReadonlyMap<string, readonly Policy[]>;
  /** Every signal that a rule compares. */
  readonly signals: readonly string[];
  /** Least Jaccard similarity of a duplicate, .5 to 1; undefined = duplicates stay. */
  readonly threshold: number | undefined;
  /** Least containment at which the shorter of two documents goes, .5 to 1; undefined = it stays. */
  readonly containment: number | undefined;
  /** Least Jaccard similarity of a duplicate of the same address; never above `threshold`. */
  readonly sameAddress: number | undefined;
  readonly removedRepeats: readonly RepeatKind[];
  readonly split: { readonly validation: number; readonly test: number; readonly seed: number };
  readonly quality: { readonly signal: string; readonly scale: number } | undefined;
}

/** What may repeat from document to document; removed in this order of reading, which changes nothing. */
const repeatKinds = ['passages', 'paragraphs', 'lines'] as const;
export type RepeatKind = (typeof repeatKinds)[number];

/** Throws DataError for a name or value that does not exist. */
export function resolveSelectOptions(options: SelectOptions): ResolvedSelectOptions {
  const isOwn = (name: string) => Object.hasOwn(selectOptions, name);
  const own = Object.fromEntries(Object.entries(options).filter(([name]) => isOwn(name)));
  checkOptions(selectOptions, own, owner);
  const thresholds = Object.fromEntries(Object.entries(options).filter(([name]) => !isOwn(name)));
  const byKind = new Map<string, Policy[]>();
  for (const [kind, list] of Object.entries((options.policies ?? {}) as JsonObject)) {
    if (!Array.isArray(list)) throw wrong(`policies.${kind} is no list`, 'for example ["gopher", "c4"]');
    byKind.set(
      kind,
      list.map((entry: Json) => resolvePolicy(entry, thresholds)),
    );
  }
  const used = [...byKind.values()].flat();
  for (const name of Object.keys(thresholds)) {
    if (used.some((policy) => policy.name === name)) continue;
    if (Object.hasOwn(policies, name))
      throw wrong(
        `the policy ${name} has thresholds and is not in use`,
        'add it to select.policies of a kind',
      );
    throw unknownOption(name, [...Object.keys(selectOptions), ...used.map((policy) => policy.name)], owner);
  }
  const quality = resolveQuality(options.quality);
  const signals = used.flatMap((policy) => policy.rules.map((rule) => rule.signal));
  return {
    consent: resolveConsent(options.consent),
    policies: byKind,
    signals: [...new Set([...signals, ...(quality ? [quality.signal] : [])])].sort(),
    ...resolveDuplicates(options.duplicates),
    removedRepeats: resolveRepeats(options.repeats),
    split: resolveSplit(options.split),
    quality,
  };
}

type Thresholds = Pick<ResolvedSelectOptions, 'threshold' | 'containment' | 'sameAddress'>;

/** `{threshold: null}` keeps duplicates. */
function resolveDuplicates(given: SelectOptions['duplicates']): Thresholds {
  const { threshold, containment, sameAddress } = members('duplicates', given);
  const byAddress = sameAddress === undefined ? threshold : sameAddress;
  return {
    threshold: threshold ?? undefined,
    containment: containment ?? undefined,
    sameAddress: byAddress ?? undefined,
  };
}

function resolveRepeats(given: SelectOptions['repeats']): RepeatKind[] {
  const chosen = members('repeats', given);
  return repeatKinds.filter((kind) => chosen[kind] === 'remove');
}

function resolveSplit(given: SelectOptions['split']): ResolvedSelectOptions['split'] {
  const split = members('split', given);
  if (split.validation + split.test < 1) return split;
  throw wrong('split leaves nothing to train on', 'validation and test are shares whose sum is below 1');
}

function resolveQuality(given: SelectOptions['quality']): ResolvedSelectOptions['quality'] {
  return given === undefined || given === null ? undefined : members('quality', given);
}

/** The options of one object, with defaults. */
function members<N extends 'duplicates' | 'repeats' | 'split' | 'quality'>(
  name: N,
  given: JsonObject | undefined,
): ResolvedOptions<(typeof selectOptions)[N]['members']> {
  return resolveOptions(selectOptions[name].members as (typeof selectOptions)[N]['members'], given ?? {}, {
    ...owner,
    name: `${name} of select`,
  });
}

function wrong(message: string, hint: string): DataError {
  return new DataError('wrong-option', message, hint);
}
