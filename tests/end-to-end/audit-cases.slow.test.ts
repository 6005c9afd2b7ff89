// Audits of corpora that are out of the ordinary: an agreement that counts more than a no, and a build that lacks nearly
// everything that an audit asks for.
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { toFill } from '../../apps/cli/src/audit/audit-context.ts';
import { writeAudit } from '../../apps/cli/src/audit/write-audit.ts';
import { TestCorpus } from '../corpus/corpora.ts';
import { agree, makeAuditCorpus } from './audit-corpus.ts';
import type { Json } from './audit-recount.ts';
import { checkSchema } from './audit-schema.ts';

it('an agreement of the recipe keeps what was denied, and the audit says both', async () => {
  await using other = await makeAuditCorpus();
  await agree(other);
  const { deniedAndKept } = await writeAudit(other.store(), join(other.folder, 'audit'));
  expect(deniedAndKept).toBe(4);
  const rows = parse(await other.read('audit/consent-report.csv'), { columns: true }) as Json[];
  expect(rows.find(({ protocol }) => protocol === 'content-signal')).toMatchObject({
    documents_denied: '4',
    documents_kept: '4',
  });
  expect(await other.read('audit/policy.md')).toContain('contract C-2026-4 for domain closed.example.net');
});

it('a corpus without shards, policies or addresses leaves open what it cannot count', async () => {
  await using other = await TestCorpus.make(10);
  await other.run();
  const { open } = await writeAudit(other.store(), join(other.folder, 'audit'));
  const summary = JSON.parse(await other.read('audit/EU_PUBLIC_SUMMARY.json')) as Json;
  expect(summary).toMatchObject({
    lastUpdate: toFill,
    modalities: { text: { documents: 16, tokens: null, sizeRange: toFill } },
    crawled: { used: false, topDomains: [] },
    measures: { silence: toFill },
  });
  expect(open).toContain('summary.modalities.text.sizeRange');
  await checkSchema('eu-public-summary', summary);
  expect(await other.read('audit/licences.csv')).toContain('NOASSERTION,none,,16,,');
  expect(await other.read('audit/pii.csv')).toContain('this build did not look for personal data');
  await expect(writeAudit(other.store(), join(other.folder, 'corpus/audit'))).rejects.toMatchObject({
    code: 'audit-place',
  });
});
