// What a recipe says to select: policies by kind of source, thresholds by policy, when a duplicate goes, how to split.
// All of it is data, so that a recipe can be hashed and `what-if --set select.gopher.maxBulletFraction=0.8` is a value.

import { DataError, type Json, type JsonObject } from '@gristmill/core';
import { parsePolicy, policies, withThresholds, type Policy } from '@gristmill/detect';

/**
 * Further names are policies, with thresholds by rule name: `{gopher: {maxBulletFraction: 0.8}}`.
 * @example { policies: { web: ['fineweb'], book: [] }, duplicates: { threshold: 0.8 }, repeats: { passages: 'remove' } }
 */
export type SelectOptions = JsonObject & {
  /** Kind of source → policies, by name or written out; the first rule that drops names the reason. Absent = none. */
  readonly policies?: Json;
  readonly duplicates?: Json;
  /** Repeated text, by kind: `remove` all copies but the best, or `keep` (the default). */
  readonly repeats?: Json;
  readonly split?: Json;
  /** A signal that ranks duplicates, times `scale` (default 1000) and rounded. */
  readonly quality?: Json;
};

export interface ResolvedSelectOptions {
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

const kinds = ['book', 'article', 'web', 'post'];
const ownNames = ['policies', 'duplicates', 'repeats', 'split', 'quality'];

/** Throws DataError for a name or value that does not exist. */
export function resolveSelectOptions(options: SelectOptions): ResolvedSelectOptions {
  const thresholds = new Map(Object.entries(options).filter(([name]) => !ownNames.includes(name)));
  const byKind = new Map<string, Policy[]>();
  for (const [kind, list] of Object.entries(objectOf(options.policies, 'policies', kinds))) {
    if (!Array.isArray(list)) throw wrong(`policies.${kind} is no list`, 'for example ["gopher", "c4"]');
    byKind.set(
      kind,
      list.map((entry: Json) => adjusted(policyOf(entry), thresholds)),
    );
  }
  const used = [...byKind.values()].flat();
  for (const name of thresholds.keys()) {
    if (used.some((policy) => policy.name === name)) continue;
    throw wrong(`select has no option ${name}`, `its options: ${ownNames.join(', ')}, and policies in use`);
  }
  const quality = resolveQuality(options.quality);
  const signals = used.flatMap((policy) => policy.rules.map((rule) => rule.signal));
  return {
    policies: byKind,
    signals: [...new Set([...signals, ...(quality ? [quality.signal] : [])])].sort(),
    ...resolveDuplicates(options.duplicates),
    removedRepeats: resolveRepeats(options.repeats),
    split: resolveSplit(options.split),
    quality,
  };
}

function policyOf(entry: Json): Policy {
  if (typeof entry !== 'string') return parsePolicy(entry);
  if (Object.hasOwn(policies, entry)) return policies[entry as keyof typeof policies];
  throw wrong(`there is no policy ${entry}`, `the policies are ${Object.keys(policies).join(', ')}`);
}

function adjusted(policy: Policy, thresholds: ReadonlyMap<string, Json | undefined>): Policy {
  const changes = thresholds.get(policy.name);
  if (changes === undefined) return policy;
  return withThresholds(policy, objectOf(changes, policy.name) as Record<string, number>);
}

type Thresholds = Pick<ResolvedSelectOptions, 'threshold' | 'containment' | 'sameAddress'>;

/** `{threshold: null}` keeps duplicates. */
function resolveDuplicates(value: Json | undefined): Thresholds {
  const names = ['threshold', 'containment', 'sameAddress'];
  const {
    threshold = 0.8,
    containment = null,
    sameAddress = threshold,
  } = objectOf(value, 'duplicates', names);
  const optional = (given: Json, name: string) =>
    given === null ? undefined : numberIn(given, `duplicates.${name}`, [0.5, 1]);
  return {
    threshold: optional(threshold, 'threshold'),
    containment: optional(containment, 'containment'),
    sameAddress: optional(sameAddress, 'sameAddress'),
  };
}

function resolveRepeats(value: Json | undefined): RepeatKind[] {
  const given = objectOf(value, 'repeats', repeatKinds);
  return repeatKinds.filter((kind) => {
    const policy = given[kind] ?? 'keep';
    if (policy === 'keep' || policy === 'remove') return policy === 'remove';
    throw wrong(`repeats.${kind} is ${JSON.stringify(policy)}`, 'it is keep or remove');
  });
}

function resolveSplit(value: Json | undefined): ResolvedSelectOptions['split'] {
  const { validation = 0.05, test = 0, seed = 1 } = objectOf(value, 'split', ['validation', 'test', 'seed']);
  const split = {
    validation: numberIn(validation, 'split.validation', [0, 1]),
    test: numberIn(test, 'split.test', [0, 1]),
    seed: numberIn(seed, 'split.seed', [0, 2 ** 32]),
  };
  if (split.validation + split.test < 1) return split;
  throw wrong('split leaves nothing to train on', 'validation and test are shares whose sum is below 1');
}

function resolveQuality(value: Json | undefined): ResolvedSelectOptions['quality'] {
  if (value === undefined || value === null) return undefined;
  const { signal, scale = 1000 } = objectOf(value, 'quality', ['signal', 'scale']);
  if (typeof signal !== 'string')
    throw wrong('quality.signal is no name', 'name a signal that annotate writes');
  return { signal, scale: numberIn(scale, 'quality.scale', [0, 2 ** 31]) };
}

function objectOf(value: Json | undefined, name: string, known?: readonly string[]): JsonObject {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw wrong(`${name} is ${JSON.stringify(value)}`, 'it is an object');
  const unknown = Object.keys(value).find((key) => known?.includes(key) === false);
  if (unknown !== undefined) throw wrong(`${name} has no ${unknown}`, `it has: ${known!.join(', ')}`);
  return value as JsonObject;
}

function numberIn(value: Json, name: string, [least, most]: readonly [number, number]): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw wrong(`${name} is ${JSON.stringify(value)}`, `it is a number from ${least} to ${most}`);
}

function wrong(message: string, hint: string): DataError {
  return new DataError('wrong-option', message, hint);
}
