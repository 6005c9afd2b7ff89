// policy.md: how rights, people and quality are treated, as the recipe says it: not what was meant, but what the build did.

import { toFill, type Audit } from './audit-context.ts';
import { agreements } from './eu-summary.ts';
import { countOf, list, paragraphs, plain, table } from './markdown.ts';
import { protocolWords } from './protocols.ts';

export function policyText(audit: Audit): string {
  const { name, build, contact, steps } = audit;
  return paragraphs(
    `# Policy of the corpus ${plain(name)}`,
    `As the recipe of build ${build.manifest.build} says it. Options that it leaves out have their defaults, which are given here.`,
    '## Reservations of rights',
    ...rights(audit),
    '## Licences',
    list(
      audit.sources.map(
        ({ name: source, licence }) =>
          `${source}: ${licence === undefined ? 'the recipe declares no licence' : `declared as ${plain(licence)}`}`,
      ),
    ),
    '## What is left out',
    ...leftOut(audit),
    '## Personal data',
    personalData(audit),
    '## Requests',
    `Whoever wants a document removed writes to ${contact === undefined ? toFill : plain(contact)}. \`gristmill forget\` removes it from every build, keeps it out of later ones, and lists the training steps that saw it; ${audit.erasures.length === 0 ? 'there was no request so far' : `erasures.jsonl holds ${countOf(audit.erasures.length, 'record')}`}.`,
    '## Steps',
    table(
      ['step', 'code', 'options'],
      steps.map(({ stage, module, export: code, options = {} }) => [
        stage,
        `${module} ${code}`,
        Object.keys(options).length === 0 ? 'defaults' : shorten(JSON.stringify(options)),
      ]),
    ),
    pins(audit),
  );
}

function rights({ select, crawlers }: Audit): string[] {
  const agents = crawlers.map(
    ({ source, agent }) => `${source}: ${agent === undefined ? toFill : plain(agent)}`,
  );
  const asked =
    crawlers.length === 0
      ? 'Nothing is crawled.'
      : `Before a host's first page its robots.txt, tdmrep.json, ai.txt and licence files are read, and archived. The crawler introduces itself as: ${agents.join('; ')}.`;
  if (select === undefined)
    return [
      asked,
      'The recipe has no select step: statements are recorded, and nothing is left out for them.',
    ];
  const { obey, unknown, purpose } = select.consent;
  const others = Object.keys(protocolWords).filter((word) => !(obey as readonly string[]).includes(word));
  const say = (word: string) => `${word}: ${protocolWords[word] ?? 'a refusal'}`;
  return [
    asked,
    `Documents are used for: ${purpose}. A document is left out when any of these says no. The newest word counts, also for pages that were fetched before it was said.`,
    list(obey.map(say)),
    others.length > 0 ? 'Recorded, and not obeyed:' : '',
    list(others.map(say)),
    agreements(select).length > 0 ? 'Agreements that count more than a no:' : '',
    list(agreements(select).map(plain)),
    `Where nobody said anything: ${unknown === 'allow' ? 'the document may be used' : 'the document is left out'}.`,
  ];
}

function leftOut({ select }: Audit): string[] {
  if (select === undefined)
    return ['The recipe has no select step: nothing is left out but what could not be read.'];
  const rules = [...select.policies].flatMap(([kind, policies]) =>
    policies.flatMap((policy) =>
      policy.rules.map((rule) => [
        kind,
        policy.name,
        rule.reason,
        `${rule.signal} ${rule.op} ${String(rule.value)}`,
      ]),
    ),
  );
  const { threshold, containment, removedRepeats, split } = select;
  return [
    rules.length === 0 ? 'No document is left out for its quality.' : 'A document is left out when:',
    table(['kind of source', 'policy', 'reason', 'rule'], rules),
    list([
      threshold === undefined
        ? 'duplicates are kept'
        : `of documents whose word 5-grams are alike by ${threshold} or more, the best stays`,
      containment === undefined
        ? 'excerpts of other documents are kept'
        : `an excerpt of another document goes when ${containment} or more of it lies there`,
      removedRepeats.length === 0
        ? 'repeated passages are kept'
        : `of repeated ${removedRepeats.join(', ')} one copy stays`,
      `held out for validation: ${split.validation}, for a test: ${split.test}`,
    ]),
  ];
}

function personalData({ facts, masksPersonalData, steps }: Audit): string {
  if (!facts.signals.has('pii'))
    return steps.some((step) => step.stage === 'pack') && masksPersonalData
      ? 'The recipe has no step that looks for personal data: nothing is masked.'
      : 'Personal data is neither looked for nor masked.';
  return masksPersonalData
    ? 'E-mail addresses, telephone numbers, IP addresses, cards, accounts, identity numbers and keys are looked for by rules and masked in the shards and exports; street addresses only in some forms; pii.csv counts them. Names of people are not looked for.'
    : 'Personal data is looked for by rules (pii.csv) and not masked.';
}

function pins({ build }: Audit): string {
  const entries = Object.entries(build.manifest.pins ?? {});
  return entries.length === 0
    ? ''
    : list(entries.map(([name, sha256]) => `pinned ${plain(name)}: ${sha256}`));
}

const shorten = (text: string) => (text.length > 500 ? `${text.slice(0, 500)}…` : text);
