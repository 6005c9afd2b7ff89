// What a recipe may choose about consent, as one value: which words refuse, what becomes of silence, which agreements
// count more. Decides by the words alone that are kept of a document, as `decideConsent` does by its statements.

import { trainingAgents } from './ai-agents.ts';
import { refusalCodes, type RefusalCode } from './codes.ts';
import type { ConsentPolicy, Override, Purpose } from './statement.ts';

/** An agreement for the documents of a source, of a domain with its subdomains, or of both at once. */
export interface OverrideRule extends Override {
  readonly source?: string;
  readonly domain?: string;
}

/** As a recipe says it (`select.consent`); without a word everything is as the default says. */
export interface ConsentChoices {
  /** Default `train`. */
  readonly purpose?: Purpose;
  /** Words that refuse. Default: every protocol, without the stricter readings that the next options switch on. */
  readonly obey?: readonly string[];
  /** Default `allow`. */
  readonly unknown?: 'allow' | 'deny';
  /** Default false. */
  readonly noarchive?: boolean;
  /** Default true. */
  readonly noindex?: boolean;
  /** A list of `trainingAgents`; default none. */
  readonly aiAgents?: string;
  readonly aipref?: { readonly oldLabels?: boolean };
  readonly override?: readonly OverrideRule[];
}

export interface ResolvedPolicy {
  readonly purpose: Purpose;
  readonly obey: readonly RefusalCode[];
  readonly unknown: 'allow' | 'deny';
  readonly overrides: readonly OverrideRule[];
}

/** Readings that a recipe must ask for. */
const stricterReadings: readonly RefusalCode[] = ['noarchive', 'aipref-old', 'robots-agents'];

/** Words that refuse where a recipe says nothing. */
export const defaultRefusals: readonly RefusalCode[] = refusalCodes.filter(
  (code) => !stricterReadings.includes(code),
);

/** @param choices with names that exist: the owner of the options checks them */
export function resolvePolicy(choices: ConsentChoices = {}): ResolvedPolicy {
  const { purpose = 'train', unknown = 'allow', override = [], aipref, aiAgents } = choices;
  const { obey = defaultRefusals, noindex = true, noarchive = false } = choices;
  const words = new Set(obey);
  if (noarchive) words.add('noarchive');
  if (aipref?.oldLabels === true) words.add('aipref-old');
  if (aiAgents !== undefined) words.add('robots-agents');
  if (!noindex) words.delete('noindex');
  // Research need not heed a reservation of text and data mining.
  if (purpose === 'research') words.delete('tdmrep');
  return { purpose, unknown, overrides: override, obey: refusalCodes.filter((code) => words.has(code)) };
}

/** The words of a document, divided by blanks; undefined where nothing was said at all. */
export interface Words {
  readonly refusals: string | undefined;
  readonly permissions: string | undefined;
}

/** Why a document may not be used: a word of the policy, `unknown` where silence refuses; undefined: it may. */
export function refusalBy({ refusals, permissions }: Words, policy: ResolvedPolicy): string | undefined {
  const words = refusals?.split(' ') ?? [];
  const refused = policy.obey.find((word) => words.includes(word));
  if (refused !== undefined) return refused;
  return policy.unknown === 'deny' && (permissions ?? '') === '' ? 'unknown' : undefined;
}

/** The first agreement that covers a document. */
export function overrideFor(
  { source, url }: { readonly source: string; readonly url?: string },
  { overrides }: ResolvedPolicy,
): OverrideRule | undefined {
  return overrides.find(
    (rule) =>
      (rule.source === undefined || rule.source === source) &&
      (rule.domain === undefined || (url !== undefined && isWithin(url, rule.domain))),
  );
}

function isWithin(url: string, domain: string): boolean {
  const host = URL.parse(url)?.hostname;
  const wanted = domain.toLowerCase();
  return host !== undefined && (host === wanted || host.endsWith(`.${wanted}`));
}

/** The policy for one document, as `decideConsent` takes it. */
export function policyFor(
  document: { readonly source: string; readonly url?: string },
  policy: ResolvedPolicy,
): ConsentPolicy {
  const { purpose, obey } = policy;
  const rule = overrideFor(document, policy);
  return {
    ...{ purpose, obey },
    noarchive: obey.includes('noarchive'),
    noindex: obey.includes('noindex'),
    oldLabels: obey.includes('aipref-old'),
    agents: obey.includes('robots-agents') ? Object.values(trainingAgents).flat() : [],
    ...(rule && { override: { kind: rule.kind, reference: rule.reference } }),
  };
}
