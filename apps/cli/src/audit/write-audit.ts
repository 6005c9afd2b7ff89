// The folder that a compliance officer signs: every file of it made from one walk over the newest build. It is written beside
// its place and renamed when whole, so that it is never half there.

import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { KeyObject } from 'node:crypto';
import { finished, pipeline } from 'node:stream/promises';
import { dirname, join, resolve } from 'node:path';
import { DataError, sha256, type JsonObject } from '@gristmill/core';
import type { Erasure } from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import { ab2013Answers, ab2013Text } from './ab2013.ts';
import { openSubject, statementVerdicts, toFill, type Audit, type AuditSubject } from './audit-context.ts';
import { countDocuments, later, type AuditFacts } from './audit-facts.ts';
import {
  keyDigest,
  manifestName,
  signatureName,
  signManifest,
  type AuditManifest,
} from './audit-manifest.ts';
import { consentCsv, domainsCsv, licenceLines, personalDataCsv } from './audit-tables.ts';
import { croissant } from './croissant.ts';
import { csvLines } from './csv.ts';
import { euSummary } from './eu-summary.ts';
import { euSummaryText } from './eu-summary-text.ts';
import { huggingFaceCard } from './hugging-face-card.ts';
import { asksForAttribution } from './licences.ts';
import { policyText } from './policy-text.ts';
import { provenanceEvents, provenanceGraph } from './provenance.ts';
import { fillIn, fillSummary, openPlaces, type ProviderFile } from './provider-file.ts';
import { showSources } from './sources.ts';

export interface AuditOptions {
  readonly provider?: ProviderFile;
  readonly isSmallCompany?: boolean;
  readonly signingKey?: KeyObject;
  /** Replaces an audit that stands there. */
  readonly force?: boolean;
}

export interface WrittenAudit {
  readonly build: string;
  readonly files: readonly string[];
  /** Places that the provider has still to fill: `summary.provider.name`. */
  readonly open: readonly string[];
  /** Documents that a statement denies and that the build keeps all the same. */
  readonly deniedAndKept: number;
}

/** @throws DataError `nothing-built`, `audit-exists`, `provider-file` */
export async function writeAudit(
  store: Store,
  out: string,
  options: AuditOptions = {},
): Promise<WrittenAudit> {
  const place = resolve(out);
  checkOutside(store, place);
  await checkPlace(place, options.force);
  const subject = await openSubject(store);
  const temporary = join(dirname(place), `.${Date.now()}-${process.pid}.audit-partial`);
  await mkdir(temporary, { recursive: true });
  try {
    const written = await fillFolder(temporary, subject, options);
    await rm(place, { recursive: true, force: true });
    await rename(temporary, place);
    return written;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** gc removes from a corpus what no build names. */
function checkOutside({ folder }: Store, place: string): void {
  if (folder === undefined || !`${place}/`.startsWith(`${resolve(folder)}/`)) return;
  throw new DataError('audit-place', `${place} lies in the corpus`, 'give a folder outside of it');
}

/** An empty folder, none, or with `force` an audit: nothing else is ever removed. */
async function checkPlace(place: string, force = false): Promise<void> {
  const names = await readdir(place).catch(() => []);
  if (names.length === 0) return;
  const manifest = await readFile(join(place, manifestName), 'utf8').catch(() => '');
  const isAudit = manifest.includes('"gristmill-audit"');
  if (isAudit && force) return;
  throw new DataError(
    'audit-exists',
    isAudit ? `${place} holds an audit already` : `${place} is not empty, and holds no audit`,
    isAudit ? 'give another folder, or --force to replace it' : 'give another folder',
  );
}

async function fillFolder(
  folder: string,
  subject: AuditSubject,
  { provider = {}, isSmallCompany, signingKey }: AuditOptions,
): Promise<WrittenAudit> {
  const facts = await countWithLicences(folder, subject);
  const newest = subject.erasures.reduce<string | undefined>(
    (date, one) => later(date, one.decidedAt),
    facts.newest,
  );
  const audit: Audit = { ...subject, facts, ...(newest !== undefined && { newest }) };
  const sources = showSources(audit, provider.sources ?? {});
  const summary = fillSummary(euSummary(audit, { sources, isSmallCompany }), provider.summary);
  const answers = fillIn(ab2013Answers(audit, sources), provider.ab2013) as JsonObject;
  const files: Readonly<Record<string, string>> = {
    'EU_PUBLIC_SUMMARY.json': spell(summary),
    'EU_PUBLIC_SUMMARY.md': euSummaryText(summary),
    'AB2013.md': ab2013Text(audit, answers),
    'README.md': await huggingFaceCard(audit),
    'croissant.json': spell(croissant(audit)),
    'consent-report.csv': consentCsv(facts),
    'domains.csv': domainsCsv(facts),
    'pii.csv': personalDataCsv(audit),
    'erasures.jsonl': lines(audit.erasures.map(shownErasure)),
    'policy.md': policyText(audit),
    'provenance.jsonl': lines(provenanceEvents(audit)),
    'provenance.prov.jsonld': spell(provenanceGraph(audit)),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeManifest(folder, audit, signingKey);
  return {
    build: audit.build.manifest.build,
    files: (await readdir(folder)).sort(),
    open: [
      ...openPlaces({ ...summary, otherSources: null }, 'summary'),
      ...sources.flatMap((source) => openPlaces({ ...source }, `sources.${source.source}`)),
      ...openPlaces(answers, 'ab2013'),
    ],
    deniedAndKept: facts.deniedAndKept,
  };
}

/** In the order of the format, with what nobody wrote down. */
function shownErasure({ pending: _pending, ...erasure }: Erasure): object {
  const { requestId, receivedAt = toFill, kind = toFill, answer = toFill, ...done } = erasure;
  return { requestId, receivedAt, kind, ...done, answer };
}

/** The rows with an attribution are written while the documents go by. */
async function countWithLicences(folder: string, subject: AuditSubject): Promise<AuditFacts> {
  const attributions = openAttributions(folder);
  const facts = await countDocuments(subject.build, {
    verdictOf: statementVerdicts(subject),
    licences: new Map(subject.sources.map(({ name, licence }) => [name, licence])),
    crawled: new Set(subject.sources.flatMap(({ name, crawl }) => (crawl ? [name] : []))),
    onKept: (document, licence) =>
      asksForAttribution(licence.licence)
        ? attributions.add(licence.licence, csvLines([licenceLines.ofDocument(document, licence)]))
        : undefined,
  });
  const sums = facts.licences.filter(({ licence }) => !asksForAttribution(licence));
  await writeFile(
    join(folder, 'licences.csv'),
    csvLines([licenceLines.heading, ...sums.map((row) => licenceLines.ofRow(row, facts.hasTokens))]),
  );
  await attributions.appendTo(join(folder, 'licences.csv'));
  return facts;
}

/** Lines of documents, licence by licence: a corpus may have more of them than memory. */
function openAttributions(folder: string) {
  const streams = new Map<string, WriteStream>();
  const pathOf = (number: number) => join(folder, `attributions-${number}.partial`);
  return {
    async add(licence: string, line: string): Promise<void> {
      const stream = streams.get(licence) ?? createWriteStream(pathOf(streams.size));
      streams.set(licence, stream);
      if (!stream.write(line)) await once(stream, 'drain');
    },
    async appendTo(path: string): Promise<void> {
      const names = [...streams.keys()];
      for (const stream of streams.values()) await finished(stream.end());
      for (const licence of [...names].sort()) {
        const own = pathOf(names.indexOf(licence));
        await pipeline(createReadStream(own), createWriteStream(path, { flags: 'a' }));
        await rm(own);
      }
    },
  };
}

async function writeManifest(
  folder: string,
  { build, name }: AuditSubject,
  key: KeyObject | undefined,
): Promise<void> {
  const files = [];
  for (const path of (await readdir(folder)).sort()) {
    const bytes = await readFile(join(folder, path));
    files.push({ path, bytes: bytes.length, sha256: sha256(bytes) });
  }
  const manifest: AuditManifest = {
    ...{ format: 'gristmill-audit', version: 1, corpus: name, build: build.manifest.build, files },
    ...(key && { signedBy: keyDigest(key) }),
  };
  const text = spell(manifest as unknown as JsonObject);
  await writeFile(join(folder, manifestName), text);
  if (key) await writeFile(join(folder, signatureName), signManifest(text, key));
}

const spell = (value: JsonObject) => `${JSON.stringify(value, null, 2)}\n`;
const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
