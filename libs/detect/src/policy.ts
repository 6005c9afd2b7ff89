// A policy says which signals drop a document: an ordered list of comparisons with a reason each, data and no code, so
// that a recipe can hold it, a command can change one threshold by name, and `what-if` can replay it over signals
// alone. It computes no signal and knows no document.

import { DataError, suggestName } from '@gristmill/core';

export const operators = ['<', '<=', '>', '>=', '==', '!='] as const;
export type Operator = (typeof operators)[number];

/** Drops a document when `signal op value` holds. A signal that a document does not have (a
 * language that is unknown) is unequal to every value and neither less nor greater. */
export interface Rule {
  /** The threshold's name, unique in its policy: `maxBulletFraction`. */
  readonly name: string;
  readonly signal: string;
  readonly op: Operator;
  readonly value: number | string | boolean;
  /** What the dropped document's row says; filters.md's strings for the published policies. */
  readonly reason: string;
}

export interface Policy {
  readonly name: string;
  /** Where the thresholds come from. */
  readonly source?: string;
  readonly rules: readonly Rule[];
}

export type SignalValue = number | string | boolean | null | undefined;
export type Signals = { readonly [signal: string]: SignalValue };

/**
 * The reason of the first rule that drops a document with these signals, or undefined when it is kept.
 * @example decide(policies.gopher, { nonSymbolWords: 12 }) // 'gopher_short_doc'
 */
export function decide(policy: Policy, signals: Signals): string | undefined {
  return policy.rules.find((rule) => holds(signals[rule.signal], rule.op, rule.value))?.reason;
}

/** True where `signal op value` holds: the rule drops. */
export function holds(signal: SignalValue, op: Operator, value: Rule['value']): boolean {
  if (signal === undefined || signal === null) return op === '!=';
  switch (op) {
    case '<':
      return signal < value;
    case '<=':
      return signal <= value;
    case '>':
      return signal > value;
    case '>=':
      return signal >= value;
    case '==':
      return signal === value;
    case '!=':
      return signal !== value;
  }
}

/** The policy with other thresholds, by rule name. Throws DataError for a name it does not have. */
export function withThresholds(
  policy: Policy,
  thresholds: { readonly [name: string]: Rule['value'] },
): Policy {
  const names = policy.rules.map((rule) => rule.name);
  for (const name of Object.keys(thresholds)) {
    if (!names.includes(name)) {
      throw new DataError(
        'policy-threshold',
        `the policy ${policy.name} has no threshold ${name}`,
        suggestName(name, names, `its thresholds are ${names.join(', ')}`),
      );
    }
  }
  return {
    ...policy,
    rules: policy.rules.map((rule) => ({ ...rule, value: thresholds[rule.name] ?? rule.value })),
  };
}

/** Checks a policy read from a file or a recipe. Throws DataError naming the first thing that is wrong. */
export function parsePolicy(value: unknown): Policy {
  const fail = (what: string): never => {
    throw new DataError(
      'policy-invalid',
      `this is no policy: ${what}`,
      'a policy is {"name": "…", "rules": [{"name": "minWords", "signal": "words", "op": "<", "value": 50, "reason": "short"}, …]}',
    );
  };
  if (!isObject(value) || typeof value.name !== 'string') return fail('it has no name');
  if (!Array.isArray(value.rules)) return fail('it has no list of rules');
  const rules = value.rules.map((rule: unknown, index): Rule => {
    if (!isObject(rule)) return fail(`rule ${index} is no object`);
    const { name, signal, op, value: threshold, reason } = rule;
    if (typeof name !== 'string' || typeof signal !== 'string' || typeof reason !== 'string')
      return fail(`rule ${index} needs name, signal and reason`);
    if (!operators.includes(op as Operator))
      return fail(`rule ${name} has the operator ${JSON.stringify(op)}`);
    if (!['number', 'string', 'boolean'].includes(typeof threshold)) return fail(`rule ${name} has no value`);
    return { name, signal, op: op as Operator, value: threshold as Rule['value'], reason };
  });
  if (new Set(rules.map((rule) => rule.name)).size < rules.length) return fail('two rules have one name');
  return { name: value.name, rules };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
