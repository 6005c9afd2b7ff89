// What a recipe says about consent: `select.consent`. Names and values are checked here; what they mean is libs/consent's.

import {
  defaultRefusals,
  refusalCodes,
  resolvePolicy,
  trainingAgents,
  type ConsentChoices,
  type OverrideRule,
  type ResolvedPolicy,
} from '@gristmill/consent';
import { DataError, resolveOptions, unknownOption, type JsonObject, type OptionSpec } from '@gristmill/core';

const overrideRule = {
  source: { type: 'string', description: 'Of which source; else of any.' },
  domain: { type: 'string', description: 'Of which domain, its subdomains included; else of any.' },
  kind: { type: 'string', values: ['licence', 'contract'], required: true, description: 'What it is.' },
  reference: { type: 'string', required: true, description: 'Its name or number.' },
} as const;

export const consentOption = {
  type: 'object',
  description: 'What sites, books and licences said about training, and which of it is obeyed.',
  members: {
    purpose: {
      type: 'string',
      values: ['train', 'research', 'search'],
      default: 'train',
      description:
        'What the corpus is for. research: by the research organisations of Article 3 of directive 2019/790, which may disregard TDMRep; search: an index.',
    },
    obey: {
      type: 'list',
      default: defaultRefusals,
      description:
        'Words that drop a document; noarchive, aipref-old and robots-agents are those of the options below.',
    },
    unknown: {
      type: 'string',
      values: ['allow', 'deny'],
      default: 'allow',
      description: 'What becomes of a document about whose use nobody said anything.',
    },
    noindex: {
      type: 'boolean',
      default: true,
      description: '`noindex`, `none` and a passed `unavailable_after` refuse training too.',
    },
    noarchive: {
      type: 'boolean',
      default: false,
      description: '`noarchive` refuses training, as for the bots of Bing and Amazon.',
    },
    aiAgents: {
      type: 'string',
      values: Object.keys(trainingAgents),
      otherwise: 'none',
      description: 'A list of bots that train: a site that forbids one of them in robots.txt refuses.',
    },
    aipref: {
      type: 'object',
      description: 'How Content-Usage is read.',
      members: {
        oldLabels: {
          type: 'boolean',
          default: false,
          description: 'Labels of older drafts refuse as well: ai, genai, train-genai, all, bots, tdm.',
        },
      },
    },
    override: {
      type: 'json',
      default: [],
      description:
        'Agreements that count more than what was said to everybody: a list of `{source?, domain?, kind, reference}`; kind: licence or contract.',
    },
  },
} as const satisfies OptionSpec;

const owner = { name: 'consent of select', code: 'wrong-option' };

/** @throws DataError `wrong-option` for a name or value that does not exist */
export function resolveConsent(given: JsonObject | undefined): ResolvedPolicy {
  const { aipref, override, ...choices } = resolveOptions(consentOption.members, given ?? {}, owner);
  for (const word of choices.obey)
    if (!(refusalCodes as readonly string[]).includes(word)) throw unknownOption(word, refusalCodes, owner);
  return resolvePolicy({
    ...choices,
    aipref: aipref as ConsentChoices['aipref'],
    override: readOverrides(override),
  });
}

function readOverrides(given: unknown): OverrideRule[] {
  if (!Array.isArray(given)) throw wrongOverride('override of consent is no list');
  return given.map((rule: unknown) => {
    if (typeof rule !== 'object' || rule === null) throw wrongOverride('an override of consent is no object');
    const read = resolveOptions(overrideRule, rule as JsonObject, {
      ...owner,
      name: 'an override of consent',
    });
    if (read.source === undefined && read.domain === undefined)
      throw wrongOverride('an override of consent names neither source nor domain');
    return rule as OverrideRule;
  });
}

function wrongOverride(message: string): DataError {
  return new DataError(
    'wrong-option',
    message,
    'for example [{"domain": "example.org", "kind": "contract", "reference": "2026-17"}]',
  );
}
