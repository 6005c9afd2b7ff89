// The data card's words about consent: by which policy the corpus was selected, and what refused how much.

import type { CardFacts } from './card-facts.ts';
import { section, tallyTable } from './card-text.ts';
import { consentPolicy } from './consent-record.ts';
import type { OpenBuild } from './build-documents.ts';

export function spellConsent({ manifest }: OpenBuild, { tallies }: CardFacts): string {
  const { purpose, obey, unknown, overrides } = consentPolicy(manifest);
  const has = (word: (typeof obey)[number]) => (obey.includes(word) ? 'on' : 'off');
  const policy = [
    `- purpose: ${purpose}`,
    `- obeyed: ${obey.length > 0 ? obey.join(', ') : 'nothing'}`,
    `- readings: noindex ${has('noindex')}, noarchive ${has('noarchive')}, lists of AI agents ${has('robots-agents')}, labels of older AIPREF drafts ${has('aipref-old')}`,
    `- where nobody said anything: ${unknown === 'allow' ? 'used' : 'not used'}`,
    ...overrides.map(
      ({ source, domain, kind, reference }) =>
        `- ${kind} ${reference}: counts more for ${[source && `source ${source}`, domain && `domain ${domain}`].filter(Boolean).join(', ')}`,
    ),
  ];
  return section(
    'What sites, books and licences said',
    policy.join('\n'),
    tallies.refusal.size > 0 ? 'Documents by what refuses; a document may stand in several rows:' : '',
    tallyTable('refuses', tallies.refusal),
  );
}
