// One URL of a crawl: asks robots.txt, fetches, records, and gives the links inside the scope.

import { isFailure, systemClock, type Fetcher, type FetchResult } from '@gristmill/http';
import { listingTypes } from '@gristmill/markup';
import { canonicalUrl, ruleOfHost } from '@gristmill/text';
import type { AnswerContext, ReadAnswer } from './answer.ts';
import type { AnswerReader } from './answer-reader.ts';
import { findArchived } from './archived.ts';
import type { Finished } from './crawl-state.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import { gatherStatements, robotsStatements } from './gather-statements.ts';
import type { HostFiles } from './host-files.ts';
import { admit, followAnswer, type Following } from './discover/follow.ts';
import type { CrawlRoute } from './options.ts';
import { isWanted } from './plan.ts';
import { mayPass, type OriginRules, type RobotsRules } from './robots-rules.ts';
import type { WaitingUrl } from './url-table.ts';

export interface Run extends Following {
  readonly route: CrawlRoute;
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly fetcher: Fetcher;
  readonly read: AnswerReader;
  readonly robots: RobotsRules;
  readonly hostFiles: HostFiles;
  /** Hosts whose last answer asked to come back later. */
  readonly later: Set<string>;
  /** Hosts set aside, since their robots.txt cannot be had: how often it was asked for, and when it is next. */
  readonly aside: Map<string, { readonly tries: number; readonly retryAt: number }>;
  readonly outcomes: Record<string, number>;
  readonly reasons: Record<string, number>;
}

export async function visit(run: Run, next: WaitingUrl): Promise<void> {
  const { plan, state, fetcher, robots } = run;
  const { url, kind } = next;
  if (isCut(run, next)) return;
  const decision = await robots.decide(url);
  if (run.signal?.aborted) return;
  const { rules } = decision;
  const { file } = rules;
  const { host } = new URL(url);
  if (rules.access === 'nothing' && mayPass(file.failure)) {
    const why = state.troubles.get(host)?.givenUp;
    if (why) return recordGivenUp(run, next, why);
    run.aside.set(host, { tries: file.tries, retryAt: file.retryAt });
    return state.frontier.setAside(next, file.retryAt);
  }
  run.aside.delete(host);
  state.frontier.open(next, state.troubles.get(host) === undefined);
  if (run.sitemapsOf.delete(rules.origin)) discoverSitemaps(run, rules);
  const rule = {
    ...(decision.line !== undefined && { line: decision.line }),
    ...(file.digest !== undefined && { digest: file.digest }),
  };
  const refusal = decision.allowed ? tooSlow(run, rules) : 'disallowed';
  if (refusal) return recordRefusal(run, next, { rules, refusal, rule });
  if (kind === undefined) await run.hostFiles.of(url);
  const kept = state.revisionOf(url);
  const known = kept && (await findArchived(run.folder, kept));
  const result = await fetcher.fetch(url, {
    ...(known && { validators: { etag: kept.etag, lastModified: kept.lastModified } }),
    ...(kind === undefined && { wants: (type: string) => mayBeOfUse(plan, type) }),
    maxBytes: kind === 'sitemap' ? Math.max(plan.maxBytes, sitemapBytes) : plan.maxBytes,
  });
  const context = { known, robots: rule };
  const isHeld = await dealWith(run, next, result, context).catch((error: unknown) => {
    result.release();
    throw error;
  });
  if (!isHeld) result.release();
}

interface Asked {
  readonly known: AnswerContext['known'];
  readonly robots: AnswerContext['robots'];
}

/** @returns whether its bytes are held until they are written */
async function dealWith(run: Run, next: WaitingUrl, result: FetchResult, asked: Asked): Promise<boolean> {
  const { plan, route, state, fetcher } = run;
  const { url, depth, kind } = next;
  const { host } = new URL(url);
  const failure = isFailure(result.answer) ? result.answer.failure : undefined;
  if (failure === 'stopped') return false;
  if (failure === 'later') {
    run.later.add(host);
    state.frontier.setAside(next, fetcher.politeness.readyAt(host), 'later');
    return false;
  }
  noteAnswer(run, host, result.answer.status);
  const { agent } = route;
  const maxBytes = kind === 'sitemap' ? Math.max(plan.maxBytes, sitemapBytes) : plan.maxBytes;
  const via = next.via === undefined ? undefined : state.urlOf(next.via);
  const read = await run.read(result, {
    ...{ url, depth, agent, kind, via, maxBytes, mediaTypes: plan.mediaTypes, ...asked },
    next: ruleOfHost(plan.sites, url)?.next,
    isWatched: plan.traps && state.traps.isWatched(url),
  });
  if (!read) return false;
  const statements =
    read.said && kind === undefined
      ? await gatherStatements(run, { url, said: read.said, fetchedAt: read.entry.date, agent })
      : undefined;
  const troubles = state.troubles.get(host);
  state.frontier.open(next, troubles === undefined);
  const why = troubles?.givenUp;
  if (why) giveUp(run, next);
  const entry = { ...read.entry, ...(statements && { statements }), ...(why && { reason: why }) };
  const found = await followAnswer(run, next, read);
  record(run, next, entry, { exchange: read.exchange, found, written: () => result.release() });
  return true;
}

function giveUp({ state, aside, later }: Run, next: WaitingUrl): void {
  const { host } = new URL(next.url);
  state.frontier.giveUp(next);
  aside.delete(host);
  later.delete(host);
}

function recordGivenUp(run: Run, next: WaitingUrl, reason: string): void {
  giveUp(run, next);
  record(run, next, { url: next.url, date: dateOf(run), depth: next.depth, outcome: 'failed', reason });
}

function discoverSitemaps(run: Run, { origin, robots }: OriginRules): void {
  const urls = robots.sitemaps.flatMap((sitemap) => canonicalUrl(sitemap, origin) ?? []);
  run.state.discover(urls.flatMap((url) => admit(run, { url, depth: 0, kind: 'sitemap' }) ?? []));
}

/** What is there is asked for again whatever was found of its like. */
function isCut(run: Run, next: WaitingUrl): boolean {
  const { url, depth, kind, via } = next;
  if (!run.plan.traps || kind !== undefined || via === undefined) return false;
  const rule = run.state.traps.cutOf(url, run.state.urlOf(via));
  if (rule === undefined || run.state.revisionOf(url)) return false;
  run.state.traps.log({ url, rule, via });
  record(run, next, { url, date: dateOf(run), depth, outcome: 'refused', reason: rule });
  return true;
}

const dateOf = ({ route }: Run): string => new Date((route.clock ?? systemClock).now()).toISOString();

/** The protocol's limit. */
const sitemapBytes = 50 * 1024 * 1024 + 1024;

/** As a document, or for the links that it may list. */
function mayBeOfUse({ mediaTypes }: Run['plan'], type: string): boolean {
  return isWanted(mediaTypes, type) || listingTypes.has(type);
}

interface Refused {
  readonly rules: OriginRules;
  readonly refusal: string;
  readonly rule: NonNullable<FetchLogEntry['robots']>;
}

/** What may not be fetched is recorded; other files of its host need not be asked. */
function recordRefusal(run: Run, next: WaitingUrl, { rules, refusal, rule }: Refused): void {
  const { url, depth } = next;
  const date = dateOf(run);
  const { failure } = rules.file;
  const isAway = rules.access === 'nothing';
  const entry: FetchLogEntry = {
    ...{ url, date, depth, robots: rule },
    outcome: isAway ? 'failed' : 'robots',
    reason: isAway ? failure : refusal,
  };
  if (isAway || refusal !== 'disallowed') return record(run, next, entry);
  const statements = robotsStatements(rules, { url, fetchedAt: date, agent: run.route.agent });
  return record(run, next, { ...entry, statements });
}

const comeBackLater = new Set([429, 503]);

function noteAnswer({ later }: Run, host: string, status: number | undefined): void {
  if (status !== undefined && comeBackLater.has(status)) later.add(host);
  else if (status !== undefined) later.delete(host);
}

/** Beyond the cap a Crawl-delay is no delay but a refusal. */
function tooSlow({ route }: Run, { crawlDelayMs = 0 }: OriginRules): string | undefined {
  return crawlDelayMs > route.longestCrawlDelayMs ? 'crawl-delay' : undefined;
}

function record(
  run: Run,
  { id: taken }: WaitingUrl,
  entry: FetchLogEntry,
  { exchange, ...more }: Pick<ReadAnswer, 'exchange'> & Pick<Finished, 'found' | 'written'> = {},
): void {
  run.outcomes[entry.outcome] = (run.outcomes[entry.outcome] ?? 0) + 1;
  if (entry.reason !== undefined) run.reasons[entry.reason] = (run.reasons[entry.reason] ?? 0) + 1;
  run.state.finish(entry, exchange, { ...more, taken });
}
