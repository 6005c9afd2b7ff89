// What was said about the use of a document, and what the recipe's policy makes of it: the record that can be shown years
// later. It is a function of the acquired row and the recipe that the manifest keeps.

import {
  decideConsent,
  policyFor,
  resolvePolicy,
  type Consent,
  type ConsentChoices,
  type ResolvedPolicy,
  type Statement,
} from '@gristmill/consent';
import type { Json, Row } from '@gristmill/core';
import type { Manifest } from './manifest.ts';

/** Of the newest reading; `result` is that of the policy, also where it is not what select did. */
export interface ConsentRecord extends Omit<Consent, 'agent'> {
  /** ISO 8601: when the document was last asked for, where it was fetched. */
  readonly checkedAt?: string;
}

export const consentColumns = ['sourceName', 'url', 'fetchedAt', 'statements'];

/** The policy by which a build was selected: what its recipe says, or the default. */
export function consentPolicy({ recipe }: Pick<Manifest, 'recipe'>): ResolvedPolicy {
  return resolvePolicy(consentChoices(recipe as Json));
}

/** What a recipe says at `select.consent`. */
export function consentChoices(recipe: Json): ConsentChoices {
  const { steps = [] } = recipe as { steps?: { stage: string; options?: { consent?: ConsentChoices } }[] };
  return steps.find(({ stage }) => stage === 'select')?.options?.consent ?? {};
}

/** @param row of acquire, with `consentColumns`; undefined where nothing was said */
export function consentRecord(row: Row, policy: ResolvedPolicy): ConsentRecord | undefined {
  const statements = statementsOf(row);
  if (statements.length === 0) return undefined;
  const document = { source: String(row.sourceName), url: row.url as string | undefined };
  return {
    ...(row.fetchedAt !== undefined && { checkedAt: String(row.fetchedAt) }),
    purpose: policy.purpose,
    statements,
    ...decideConsent(statements, policyFor(document, policy)),
  };
}

export function statementsOf({ statements }: Row): readonly Statement[] {
  return (statements ?? []) as unknown as readonly Statement[];
}
