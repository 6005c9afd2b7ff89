// The rules behind select's reasons: which comparison of which policy a reason stands for, under the thresholds that the
// build was made with, and the option that changes it.

import type { Json, JsonObject } from '@gristmill/core';
import { resolvePolicy, type Policy } from '@gristmill/detect';
import type { OpenBuild } from './build-documents.ts';

export interface DecidingRule {
  readonly policy: string;
  readonly rule: string;
  readonly signal: string;
  readonly op: Policy['rules'][number]['op'];
  readonly threshold: number | string | boolean;
  /** As `what-if --set` takes it: `select.gopher.maxBulletFraction`. */
  readonly option: string;
}

export interface DecidingRules {
  /** Rules of the policies for a kind of source that give this reason, in their order. */
  of(kind: string, reason: string): readonly DecidingRule[];
  /** Least similarity at which select removes a duplicate, by the reason it gives. */
  duplicateThreshold(reason: string): { readonly threshold: number; readonly option: string } | undefined;
}

export function decidingRules({ manifest }: Pick<OpenBuild, 'manifest'>): DecidingRules {
  const steps = (manifest.recipe.steps ?? []) as unknown as { stage: string; options?: JsonObject }[];
  const options = steps.find(({ stage }) => stage === 'select')?.options ?? {};
  const byKind = (options.policies ?? {}) as Readonly<Record<string, readonly Json[]>>;
  const known = new Map<string, readonly DecidingRule[]>();
  const rulesOf = (kind: string) => {
    const entries = Array.isArray(byKind[kind]) ? byKind[kind] : [];
    return entries.flatMap((entry) => spellRules(entry, options));
  };
  return {
    of(kind, reason) {
      const key = `${kind}/${reason}`;
      if (!known.has(key))
        known.set(
          key,
          rulesOf(kind).filter((rule) => rule.reason === reason),
        );
      return known.get(key)!;
    },
    duplicateThreshold: (reason) => duplicateThreshold(options, reason),
  };
}

/** A stage of the recipe's own may understand other options: then nothing is known of its rules. */
function spellRules(entry: Json, options: JsonObject): (DecidingRule & { reason: string })[] {
  try {
    const { name, rules } = resolvePolicy(entry, options);
    return rules.map(({ name: rule, signal, op, value, reason }) => ({
      ...{ policy: name, rule, signal, op, reason },
      threshold: value,
      option: `select.${name}.${rule}`,
    }));
  } catch {
    return [];
  }
}

const defaultThreshold = 0.8;

function duplicateThreshold(options: JsonObject, reason: string) {
  const given = (options.duplicates ?? {}) as Readonly<Record<string, Json | undefined>>;
  const name = reason === 'contained' ? 'containment' : 'threshold';
  const threshold = given[name] ?? (name === 'threshold' ? defaultThreshold : undefined);
  if (typeof threshold !== 'number' || (reason !== 'contained' && reason !== 'near-duplicate'))
    return undefined;
  return { threshold, option: `select.duplicates.${name}` };
}
