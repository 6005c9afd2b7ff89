// What `gristmill audit` writes, counted again from `gristmill table`: the counting here shares no code with it.
import { execFile, execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataError } from '@gristmill/core';
import { openBuild, openStepTable, requireManifest } from '@gristmill/corpus';
import { batchRows } from '@gristmill/shards';
import { checkAudit, readSigningKey } from '../../apps/cli/src/audit/audit-manifest.ts';
import type { ProviderFile } from '../../apps/cli/src/audit/provider-file.ts';
import { writeAudit, type AuditOptions } from '../../apps/cli/src/audit/write-audit.ts';
import { readableRow } from '../../apps/cli/src/readable-values.ts';
import { forgetEssay, makeAuditCorpus } from './audit-corpus.ts';
import { counts, documentsOf, groups, hostOf, kept, registered, sum, type Json } from './audit-recount.ts';
import type { TestCorpus } from '../corpus/corpora.ts';
import { checkSchema } from './audit-schema.ts';

const program = resolve('apps/cli/src/main.ts');
const documents = () => documentsOf(tables);
const toFill = 'to be filled by the provider';
const days = /^\d{4}-\d\d-\d\d$/;
let corpus: TestCorpus;
let before: Json[];
const tables = new Map<string, Json[]>();
beforeAll(async () => {
  corpus = await makeAuditCorpus();
  before = await table('select/decisions');
  await forgetEssay(corpus);
  for (const step of ['select', 'pack', 'annotate-language', 'annotate-pii', 'annotate-licence'])
    tables.set(step, await table(step));
  const columns = 'id,sourceName,sourceKind,url,path,item,licence,fetchedAt,statements,mediaType,verdict';
  const { stdout } = await gristmill('table', 'corpus', 'acquire', '--columns', columns);
  tables.set(
    'acquire',
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json),
  );
  await gristmill('audit', 'corpus', '--out', 'audit');
}, 120_000);
afterAll(() => corpus[Symbol.asyncDispose]());

function gristmill(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { cwd: corpus.folder, maxBuffer: 1 << 28 };
  return new Promise((done) => {
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

/** As `gristmill table` prints it; one is asked of the program itself. */
async function table(step: string, columns?: string[]): Promise<Json[]> {
  const build = await openBuild(corpus.store(), await requireManifest(corpus.store()));
  const rows = await openStepTable(build, step);
  const types = new Map(rows.columns.map(({ name, type }) => [name, type]));
  const names = columns ?? rows.columns.map(({ name }) => name);
  const found: Json[] = [];
  for await (const batch of rows.batches(names))
    for (const row of batchRows(batch, 'id', names)) found.push(readableRow(rows.name, row, types));
  return found;
}

const audit = (out: string, options?: AuditOptions, name = 'corpus') =>
  writeAudit(corpus.store(name), join(corpus.folder, out), options);

const read = (name: string, folder = 'audit') => readFile(join(corpus.folder, folder, name), 'utf8');
const readJson = async (name: string) => JSON.parse(await read(name)) as Record<string, never>;
const csv = async (name: string) => parse(await read(name), { columns: true }) as Json[];

it('the public summary has the numbers of the tables, and says of the rest who fills it', async () => {
  const all = documents();
  const summary = await readJson('EU_PUBLIC_SUMMARY.json');
  const { text } = summary.modalities as { text: Json };
  expect(text).toMatchObject({ present: true, ...counts(all), sizeRange: 'Less than 1 billion tokens' });
  const kinds = groups(kept(all), ({ row }) => String(row.sourceKind));
  expect(sorted(text.contentTypes as Json[], 'name')).toEqual(
    sorted(
      kinds.map(([name, own]) => ({ name, ...counts(own) })),
      'name',
    ),
  );
  const english = kept(all).filter(({ of }) => of('annotate-language').language === 'en');
  expect(text.languages).toEqual([{ language: 'English', code: 'en', ...counts(english) }]);
  const months = kept(all).flatMap(({ row }) => (row.fetchedAt as string | undefined)?.slice(0, 7) ?? []);
  expect(text.latestAcquisition).toEqual({ crawled: months.sort().at(-1), imported: toFill });

  const crawled = summary.crawled as Record<string, Json[]>;
  const site = groups(
    kept(all).filter(({ row }) => row.sourceName === 'site'),
    (document) => registered[hostOf(document)],
  );
  expect(crawled.domains).toBe(site.length);
  expect(crawled.topDomains).toHaveLength(1);
  const largest = site.map(([domain, own]) => ({ domain, ...counts(own) })).sort((a, b) => b.bytes - a.bytes);
  expect(crawled.topDomains[0]).toEqual(largest[0]);
  expect(crawled.crawlers).toMatchObject([
    { source: 'site', name: 'MillBot', purposes: toFill, from: expect.stringMatching(days) as string },
  ]);
  for (const source of summary.otherSources as Json[]) {
    const own = all.filter(({ row }) => row.sourceName === source.source);
    expect(source).toMatchObject({ ...counts(own), category: toFill });
  }
  const leftOut = Map.groupBy(
    [
      ...tables.get('select')!.flatMap(({ reason }) => /^consent-(.*)/.exec(String(reason))?.[1] ?? []),
      ...all.flatMap(({ row }) => ((row.verdict as Json | undefined)?.reason === 'robots' ? ['robots'] : [])),
    ],
    (word) => word,
  );
  expect([...leftOut.keys()].sort()).toEqual(['content-signal', 'noai', 'robots', 'tdmrep']);
  for (const { word, documentsLeftOut } of (summary.measures as Record<string, Json[]>).protocols)
    expect(documentsLeftOut, String(word)).toBe(leftOut.get(String(word))?.length ?? 0);
  expect(summary).toMatchObject({
    provider: { name: toFill, contact: 'removal@mill.example' },
    modelNames: [toFill],
    publicDatasets: { large: [], others: [] },
  });
  expect(await read('EU_PUBLIC_SUMMARY.md')).toContain(
    `Tokens: ${counts(all).tokens.toLocaleString('en-US')}`,
  );
});

const sorted = (rows: readonly Json[], by: string) =>
  [...rows].sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1));

it('consent-report.csv counts every statement of every document, and silence', async () => {
  interface Said {
    readonly protocol: string;
    readonly where: string;
    readonly sha256: string;
    readonly raw: string;
    readonly verdict: string;
    readonly needs?: string;
    readonly superseded?: true;
  }
  const expected = new Map<string, [number, number, number, number, number]>();
  const strength = ['denied', 'allowed', 'unknown'];
  for (const document of documents()) {
    const host = hostOf(document) || `source:${String(document.row.sourceName)}`;
    const verdicts = new Map<string, string>();
    const said = (document.row.statements ?? []) as Said[];
    for (const one of said) {
      const counted = !one.superseded && (one.needs === undefined || one.needs === 'noindex');
      const isNo = ['deny', 'conditional'].includes(one.verdict);
      const verdict = !counted
        ? 'unknown'
        : isNo
          ? 'denied'
          : one.verdict === 'allow'
            ? 'allowed'
            : 'unknown';
      const key = [host, one.protocol, one.sha256, one.where, one.raw.replace(/\s+/g, ' ').trim()].join('|');
      const known = verdicts.get(key) ?? 'unknown';
      verdicts.set(key, strength.indexOf(verdict) < strength.indexOf(known) ? verdict : known);
    }
    if (said.length === 0) verdicts.set([host, 'none', '', '', ''].join('|'), 'unknown');
    for (const [key, verdict] of verdicts) {
      const row = expected.get(key) ?? [0, 0, 0, 0, 0];
      expected.set(key, row);
      row[strength.indexOf(verdict)]++;
      if (document.kept) row[3]++;
      row[4] += document.tokens;
    }
  }
  const rows = await csv('consent-report.csv');
  const found = rows.map((row) => [
    [row.host, row.protocol, row.statement_sha256, row.where, String(row.said).replace(/^'/, '')].join('|'),
    ['denied', 'allowed', 'unknown', 'kept'].map((name) => Number(row[`documents_${name}`])),
    Number(row.tokens_kept),
  ]);
  expect(found).toHaveLength(expected.size);
  for (const [key, numbers, tokens] of found)
    expect([...(numbers as number[]), tokens], String(key)).toEqual(expected.get(String(key)));
  const denied = rows.filter((row) => Number(row.documents_denied) > 0);
  expect(denied.map((row) => row.protocol)).toEqual(['robots', 'tdmrep', 'x-robots-tag', 'content-signal']);
  expect(denied.map((row) => Number(row.documents_kept))).toEqual([0, 0, 0, 0]);
});

it('domains.csv, pii.csv and licences.csv are sums of the tables', async () => {
  const all = documents();
  const domains = groups(
    all.filter((document) => hostOf(document) !== ''),
    (document) => registered[hostOf(document)],
  );
  expect(sorted(await csv('domains.csv'), 'domain')).toEqual(
    sorted(
      domains.map(([domain, own]) => ({
        domain,
        documents: String(own.length),
        documents_kept: String(kept(own).length),
        bytes: String(sum(own, 'bytes')),
        tokens: String(sum(own, 'tokens')),
      })),
      'domain',
    ),
  );

  const findings = all.flatMap((document) =>
    ((document.of('annotate-pii').pii ?? []) as { type: string }[]).map(({ type }) => ({ type, document })),
  );
  const types = [...Map.groupBy(findings, ({ type }) => type)];
  expect(types.length).toBeGreaterThan(0);
  expect(sorted(await csv('pii.csv'), 'type')).toEqual(
    sorted(
      types.map(([type, own]) => {
        const of = own.filter(({ document }) => document.kept);
        return {
          type,
          findings: String(own.length),
          documents: String(new Set(own.map(({ document }) => document.id)).size),
          findings_in_kept: String(of.length),
          documents_kept: String(new Set(of.map(({ document }) => document.id)).size),
          treatment: 'masked in shards and exports',
        };
      }),
      'type',
    ),
  );

  const licences = groups(kept(all), ({ of }) =>
    String(of('annotate-licence').licenceFound ?? 'NOASSERTION'),
  );
  const rows = await csv('licences.csv');
  for (const [licence, own] of licences) {
    const found = rows.filter((row) => row.licence === licence);
    expect(
      found.reduce((total, row) => total + Number(row.documents), 0),
      licence,
    ).toBe(own.length);
    expect(
      found.reduce((total, row) => total + Number(row.tokens), 0),
      licence,
    ).toBe(sum(own, 'tokens'));
    if (!licence.startsWith('CC-BY')) continue;
    // A line a work: no attribution stands for two.
    expect(found).toHaveLength(own.length);
    for (const row of found) expect(row.attribution).toMatch(/licensed under CC BY(?:-SA)? 4\.0 \(https:/);
  }
  expect(new Set(rows.map((row) => row.licence))).toEqual(new Set(licences.map(([licence]) => licence)));
});

it('no cell of any table is a formula', async () => {
  for (const name of ['consent-report', 'domains', 'licences', 'pii']) {
    const rows = parse(await read(`${name}.csv`), {}) as string[][];
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
  }
  expect(await read('consent-report.csv')).toContain("'=cmd(), noai, noarchive");
});

it('provenance has a row for each row of each table', async () => {
  const events = (await read('provenance.jsonl'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { outputs: { name: string; outputFacets?: Record<string, Json> }[] });
  let tablesSeen = 0;
  for (const { name, outputFacets } of events.flatMap(({ outputs }) => outputs)) {
    const step = name.replace(/^audited\//, '');
    const known = tables.get(step) ?? tables.get(step.split('/')[0]);
    if (!outputFacets || !known || !['acquire', 'select/decisions', 'pack/documents'].includes(step))
      continue;
    expect(outputFacets.outputStatistics.rowCount, step).toBe(known.length);
    tablesSeen++;
  }
  expect(tablesSeen).toBe(3);
});

it('an erasure is told by what went from the tables and what came into its place', async () => {
  const lines = (await read('erasures.jsonl')).trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  const was = new Map(before.map((row) => [row.id, row.keep]));
  const now = new Map(tables.get('select')!.map((row) => [row.id, row.keep]));
  const gone = [...was.keys()].filter((id) => !now.has(id));
  const elected = [...now].filter(([id, isKept]) => isKept === true && was.get(id) === false);
  expect(JSON.parse(lines[0])).toMatchObject({
    ...{ requestId: 'R-17', receivedAt: '2026-11-02', kind: 'copyright', answer: toFill },
    match: { type: 'url', value: 'https://essays.example.org/mills' },
    documentsRemoved: gone.length,
    survivorsReElected: elected.length,
  });
  expect([gone.length, elected.length]).toEqual([1, 1]);
});

it('is what our schemas say, the statements of the acquire table too', async () => {
  await checkSchema('eu-public-summary', await readJson('EU_PUBLIC_SUMMARY.json'));
  await checkSchema('audit-manifest', await readJson('manifest.json'));
  await checkSchema('erasure', JSON.parse((await read('erasures.jsonl')).trimEnd()));
  for (const { statements } of tables.get('acquire')!)
    if (statements !== undefined) await checkSchema('consent-statements', statements);
});

it('the same corpus gives the same bytes, wherever it lies', async () => {
  await corpus.copy('corpus', 'elsewhere');
  await audit('again', {}, 'elsewhere');
  const names = await readdir(join(corpus.folder, 'audit'));
  expect(await readdir(join(corpus.folder, 'again'))).toEqual(names);
  for (const name of names) expect(await read(name, 'again'), name).toBe(await read(name));
});

it('the provider fills what is open, and nothing that was counted', async () => {
  const provider = {
    summary: {
      provider: { name: 'Mill Ltd' },
      modelNames: ['mill-1'],
      crawled: { crawlers: [{ purposes: 'training' }] },
    },
    sources: {
      essays: { category: 'licensed', name: 'Essays of a press', url: 'https://press.example', version: '3' },
    },
    ab2013: { purpose: 'a language model' },
  };
  const { open } = await audit('filled', { provider: provider as ProviderFile });
  expect(open).toContain('sources.notes.category');
  expect(open).not.toContain('summary.provider.name');
  expect(open.filter((place) => /essays|purpose/.test(place))).toEqual([]);
  const summary = JSON.parse(await read('EU_PUBLIC_SUMMARY.json', 'filled')) as Json;
  expect(summary).toMatchObject({
    provider: { name: 'Mill Ltd' },
    privateDatasets: { licensed: [{ source: 'essays', name: 'Essays of a press' }] },
    otherSources: [{ source: 'notes' }],
  });
  expect(await read('AB2013.md', 'filled')).toContain('a language model');
  for (const [wrong, message] of [
    [
      { summary: { modalities: { text: { tokens: 1 } } } },
      /fills modalities\.text\.tokens, which the build knows/,
    ],
    [{ summary: { provder: {} } }, /did you mean provider\?/],
    [{ sources: { esays: {} } }, /did you mean essays\?/],
    [{ sources: { essays: { category: 'licenced' } } }, /did you mean licensed\?/],
  ] as const) {
    await expect(audit('wrong', { provider: wrong as never })).rejects.toSatisfy((error: DataError) =>
      message.test(`${error.message} ${error.hint}`),
    );
  }
});

it('a signed audit shows every change, and openssl agrees', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const path = (name: string) => join(corpus.folder, name);
  await writeFile(path('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(path('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  await audit('signed', { signingKey: await readSigningKey(path('key.pem')) });
  const verify = () => gristmill('verify-audit', 'signed', '--key', 'public.pem');
  expect(await verify()).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('signed by this key') as string,
  });
  const openssl = ['pkeyutl', '-verify', '-pubin', '-inkey', path('public.pem'), '-rawin'];
  const files = ['-in', path('signed/manifest.json'), '-sigfile', path('signed/manifest.json.sig')];
  expect(execFileSync('openssl', [...openssl, ...files], { encoding: 'utf8' })).toContain(
    'Verified Successfully',
  );

  await appendFile(path('signed/domains.csv'), 'evil.example,1,1,1,1\r\n');
  await writeFile(path('signed/note.txt'), 'x');
  await rm(path('signed/pii.csv'));
  const changed = await verify();
  expect(changed.code).toBe(2);
  expect(changed.stderr).toBe(
    'domains.csv was changed\npii.csv is missing\nnote.txt is not in the manifest\n',
  );

  await cp(path('audit'), path('signed'), { recursive: true });
  await writeFile(path('signed/manifest.json'), (await read('manifest.json')).replace('"bytes"', '"bytes" '));
  const forged = await checkAudit(path('signed'), path('public.pem'));
  expect(forged.faults).toContain('manifest.json.sig is not of this key and this manifest');
  await expect(audit('audit')).rejects.toThrow('holds an audit already');
  await writeFile(path('notes.txt'), 'mine');
  await expect(audit('.', { force: true })).rejects.toThrow('holds no audit');
  expect(await readFile(path('notes.txt'), 'utf8')).toBe('mine');
});
