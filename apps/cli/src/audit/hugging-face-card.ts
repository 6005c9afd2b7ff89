// README.md: the data card of `gristmill card` under the front matter that Hugging Face reads.

import { dataCard } from '@gristmill/corpus';
import { stringify } from 'yaml';
import type { Audit } from './audit-context.ts';
import { bySize } from './audit-facts.ts';
import { paragraphs } from './markdown.ts';

/** Upper borders of documents, and the Hub's words for what lies below. */
const sizes: readonly (readonly [number, string])[] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [1e7, '1M<n<10M'],
  [1e8, '10M<n<100M'],
  [1e9, '100M<n<1B'],
  [1e10, '1B<n<10B'],
  [1e11, '10B<n<100B'],
  [1e12, '100B<n<1T'],
];

export async function huggingFaceCard(audit: Audit): Promise<string> {
  return `---\n${stringify(frontMatter(audit), { lineWidth: 0 })}---\n\n${paragraphs(
    (await dataCard(audit.store)).trimEnd(),
    '## Audit',
    'Beside this card: EU_PUBLIC_SUMMARY (AI Act, Article 53(1)(d)), AB2013, policy, what sites said (consent-report.csv), licences and attributions, domains, personal data, erasures, provenance, croissant.json, and manifest.json with the SHA-256 of all.',
  )}`;
}

function frontMatter({ name, facts }: Audit): Record<string, unknown> {
  const languages = bySize(facts.languages).flatMap(([code]) => (code === 'und' ? [] : [code]));
  const licences = [...new Set(facts.licences.map(({ licence }) => hubLicence(licence)))].sort();
  const { kept } = facts.total;
  return {
    pretty_name: name,
    ...(languages.length > 0 && { language: languages }),
    license: licences.length === 1 ? licences[0] : licences,
    ...(licences.includes('other') && { license_name: 'by-document', license_link: 'licences.csv' }),
    size_categories: [sizes.find(([below]) => kept < below)?.[1] ?? 'n>1T'],
    task_categories: ['text-generation'],
    annotations_creators: ['machine-generated'],
    tags: ['gristmill', 'croissant'],
  };
}

/** The Hub writes SPDX's names in small letters; where no licence is known it says so. */
function hubLicence(licence: string): string {
  if (licence === 'NOASSERTION') return 'unknown';
  return licence.startsWith('LicenseRef-') ? 'other' : licence.toLowerCase();
}
