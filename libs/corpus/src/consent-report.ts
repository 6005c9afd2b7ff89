// What sites, books and licences said about the documents of a build, and what that costs: by protocol and by domain.
// Counts from the words alone, by the recipe's policy or a stricter one; nothing is decided here.

import {
  overrideFor,
  refusalBy,
  refusalCodes,
  resolvePolicy,
  saidOfUse,
  trainingAgents,
  type ResolvedPolicy,
  type Statement,
} from '@gristmill/consent';
import { createRecord, DataError, suggestName, type Json, type Row } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import {
  openBuild,
  partitionsOf,
  readColumns,
  readDocuments,
  type BuiltDocument,
  type OpenBuild,
} from './build-documents.ts';
import { consentChoices } from './consent-record.ts';
import { tokensPerByte } from './diff.ts';
import { requireManifest } from './manifest.ts';
import { originOf } from './reword-rows.ts';
import { openSaidUntil } from './said-until.ts';
import { acquireStep } from './steps.ts';

export interface Loss {
  documents: number;
  /** Of documents without tokens estimated from their bytes. */
  tokens: number;
  bytes: number;
}

export interface ProtocolLoss extends Loss {
  /** False for a reading that the policy does not count: what it would refuse, others aside. */
  readonly obeyed: boolean;
  /** Documents that nothing else refuses. */
  alone: number;
}

export interface DomainLoss extends Loss {
  /** Documents of the domain in the build. */
  of: number;
  /** Word → documents that it refuses. */
  readonly by: Record<string, number>;
}

export interface ConsentReport {
  readonly build: string;
  readonly asOf?: string;
  readonly policy: ResolvedPolicy;
  /** Documents that were looked at: those with an item. */
  readonly documents: number;
  /** Addresses that robots.txt kept from being fetched: of these nothing else is known. */
  readonly notFetched: number;
  /** Documents that were fetched after `asOf`. */
  readonly notYet: number;
  /** Not to be used. */
  readonly lost: Loss;
  /** To be used all the same, by an agreement of the recipe. */
  readonly overridden: Loss;
  /** By word, the commonest first; a document may stand in several. */
  readonly protocols: Readonly<Record<string, ProtocolLoss>>;
  /** By host of the address, the greatest loss first; `-` for documents without one. */
  readonly domains: Readonly<Record<string, DomainLoss>>;
}

export interface ConsentQuestion {
  /** Name of a list of agents that is to count. */
  readonly agents?: string;
  /** ISO 8601. */
  readonly asOf?: string;
}

/** @throws DataError `unknown-agents` for a list that there is not */
export async function consentReport(store: Store, question: ConsentQuestion = {}): Promise<ConsentReport> {
  const { agents, asOf } = question;
  if (agents !== undefined && !Object.hasOwn(trainingAgents, agents)) throw unknownAgents(agents);
  const build = await openBuild(store, await requireManifest(store));
  const choices = consentChoices(build.manifest.recipe as Json);
  const policy = resolvePolicy({ ...choices, ...(agents !== undefined && { aiAgents: agents }) });
  const saidUntil = asOf === undefined ? undefined : await openSaidUntil(store, asOf);
  const tally = new ConsentTally(policy, await tokensPerByte(build));
  for (const partition of partitionsOf(build))
    for await (const [document, row] of acquiredDocuments(build, partition, saidUntil !== undefined))
      tally.add(document, row, saidUntil);
  return { build: build.manifest.build, ...(asOf !== undefined && { asOf }), policy, ...tally.finish() };
}

function unknownAgents(name: string): DataError {
  const known = Object.keys(trainingAgents);
  return new DataError(
    'unknown-agents',
    `there is no list of agents ${name}`,
    suggestName(name, known, `there is ${known.join(', ')}`),
  );
}

const words = ['refusals', 'permissions', 'searchRefusals', 'searchPermissions'];

async function* acquiredDocuments(
  build: OpenBuild,
  partition: number,
  withStatements: boolean,
): AsyncGenerator<[BuiltDocument, Row]> {
  const entry = build.state.rows.get(acquireStep)?.get(partition);
  const facts = withStatements ? ['statements', 'fetchedAt', 'mediaType'] : words;
  const rows = await readColumns(build, entry, ['sourceName', 'url', 'verdict', ...facts]);
  for (const document of (await readDocuments(build, partition)).values())
    yield [document, rows.get(document.id)!];
}

class ConsentTally {
  private readonly counts = { documents: 0, notFetched: 0, notYet: 0 };
  private readonly lost = nothing();
  private readonly overridden = nothing();
  private readonly protocols = new Map<string, ProtocolLoss>();
  private readonly domains = new Map<string, DomainLoss>();
  private readonly policy: ResolvedPolicy;
  private readonly perByte: number;

  constructor(policy: ResolvedPolicy, perByte: number) {
    this.policy = policy;
    this.perByte = perByte;
  }

  add(
    document: BuiltDocument,
    row: Row,
    saidUntil: ((row: Row) => readonly Statement[] | undefined) | undefined,
  ): void {
    const { policy, counts } = this;
    const statements = saidUntil?.(row);
    if (saidUntil && !statements) return void counts.notYet++;
    const said = wordsOf(row, statements, policy);
    if (row.verdict !== undefined) {
      if (said.refusals !== '') counts.notFetched++;
      return;
    }
    counts.documents++;
    const refusing = said.refusals.split(' ').filter((word) => word !== '');
    const refusal = refusalBy(said, policy);
    const isOverridden = refusal !== undefined && overrideFor(document, policy) !== undefined;
    const domain = this.domainOf(document);
    domain.of++;
    for (const word of refusing) this.protocol(word, document, refusing.length === 1);
    if (refusal === undefined) return;
    this.note(isOverridden ? this.overridden : this.lost, document);
    if (isOverridden) return;
    this.note(domain, document);
    if (refusal === 'unknown') this.protocol('unknown', document, true);
    for (const word of refusal === 'unknown' ? ['unknown'] : refusing.filter((one) => this.isObeyed(one)))
      domain.by[word] = (domain.by[word] ?? 0) + 1;
  }

  private protocol(word: string, document: BuiltDocument, isAlone: boolean): void {
    const loss = this.protocols.get(word) ?? { ...nothing(), obeyed: this.isObeyed(word), alone: 0 };
    this.protocols.set(word, loss);
    this.note(loss, document);
    if (isAlone) loss.alone++;
  }

  private isObeyed(word: string): boolean {
    return word === 'unknown' || (this.policy.obey as readonly string[]).includes(word);
  }

  private domainOf({ domain = '-' }: BuiltDocument): DomainLoss {
    const loss = this.domains.get(domain) ?? { ...nothing(), of: 0, by: createRecord<number>() };
    this.domains.set(domain, loss);
    return loss;
  }

  private note(loss: Loss, { tokens, bytes }: BuiltDocument): void {
    loss.documents++;
    loss.tokens += tokens ?? Math.round(bytes * this.perByte);
    loss.bytes += bytes;
  }

  finish() {
    const order = (word: string) => (refusalCodes as readonly string[]).indexOf(word);
    return {
      ...this.counts,
      ...{ lost: this.lost, overridden: this.overridden },
      protocols: Object.fromEntries(
        [...this.protocols].sort(([a, x], [b, y]) => y.documents - x.documents || order(a) - order(b)),
      ),
      domains: Object.fromEntries(
        [...this.domains].sort(([a, x], [b, y]) => y.documents - x.documents || (a < b ? -1 : 1)),
      ),
    };
  }
}

const nothing = (): Loss => ({ documents: 0, tokens: 0, bytes: 0 });

/** The words for the policy's purpose, of a row or of statements in its place. */
function wordsOf(row: Row, statements: readonly Statement[] | undefined, { purpose }: ResolvedPolicy) {
  const said = statements && saidOfUse(statements);
  const read = (name: (typeof words)[number]) =>
    said ? said[name as 'refusals'].join(' ') : ((row[name] as string | undefined) ?? '');
  const [refusals, permissions] =
    purpose === 'search' ? ['searchRefusals', 'searchPermissions'] : ['refusals', 'permissions'];
  return { refusals: read(refusals), permissions: read(permissions) };
}

/** Every origin on the web that the documents of the newest build have. */
export async function corpusOrigins(store: Store): Promise<string[]> {
  const build = await openBuild(store, await requireManifest(store));
  const origins = new Set<string>();
  for (const partition of partitionsOf(build)) {
    const entry = build.state.rows.get(acquireStep)?.get(partition);
    for (const { url } of (await readColumns(build, entry, ['url'])).values()) {
      const origin = originOf(url as string | undefined);
      if (origin !== undefined) origins.add(origin);
    }
  }
  return [...origins].sort();
}
