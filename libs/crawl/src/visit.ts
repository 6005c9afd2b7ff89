// One URL of a crawl: asks robots.txt, fetches, records, and gives the links inside the scope.

import { isFailure, systemClock, type Fetcher } from '@gristmill/http';
import { canonicalUrl } from '@gristmill/text';
import { readAnswer, type ReadAnswer } from './answer.ts';
import type { CrawlState } from './crawl-state.ts';
import { isRecordIntact } from './crawled-items.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import { gatherStatements, robotsStatements } from './gather-statements.ts';
import type { HostFiles } from './host-files.ts';
import { isWanted, type CrawlPlan, type CrawlRoute } from './options.ts';
import { isHostOf, readSitemap } from './read-sitemap.ts';
import { mayPass, type OriginRules, type RobotsRules } from './robots-rules.ts';
import type { Refusal } from './scope.ts';
import type { NewUrl, WaitingUrl } from './url-table.ts';

export interface Run {
  readonly plan: CrawlPlan;
  readonly route: CrawlRoute;
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly fetcher: Fetcher;
  readonly robots: RobotsRules;
  readonly hostFiles: HostFiles;
  readonly state: CrawlState;
  readonly scope: (url: string) => Refusal | undefined;
  /** Hosts whose last answer asked to come back later. */
  readonly later: Set<string>;
  /** Hosts set aside, since their robots.txt cannot be had: how often it was asked for, and when it is next. */
  readonly aside: Map<string, { readonly tries: number; readonly retryAt: number }>;
  /** Origins whose sitemaps are still to be found in robots.txt. */
  readonly sitemapsOf: Set<string>;
  readonly outcomes: Record<string, number>;
  readonly reasons: Record<string, number>;
  readonly refusals: Partial<Record<Refusal | 'depth', number>>;
}

const mostHops = 10;

export async function visit(run: Run, next: WaitingUrl): Promise<void> {
  const { plan, route, state, fetcher, robots } = run;
  const { url, depth, kind } = next;
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
  const known = kept && (await isRecordIntact(run.folder, kept)) ? kept : undefined;
  const result = await fetcher.fetch(url, {
    ...(known && { validators: { etag: known.etag, lastModified: known.lastModified } }),
    ...(kind === undefined && { wants: (type: string) => isWanted(plan.mediaTypes, type) }),
    maxBytes: plan.maxBytes,
  });
  const failure = isFailure(result.answer) ? result.answer.failure : undefined;
  if (failure === 'stopped') return;
  if (failure === 'later') {
    run.later.add(host);
    return state.frontier.setAside(next, fetcher.politeness.readyAt(host));
  }
  noteAnswer(run, host, result.answer.status);
  const { agent } = route;
  const { maxBytes } = plan;
  const via = next.via === undefined ? undefined : state.urlOf(next.via);
  const context = { url, depth, agent, kind, via, robots: rule, maxBytes, knownDigest: known?.digest };
  const read = readAnswer(result, context);
  const statements =
    read.said && kind === undefined
      ? await gatherStatements(run, { url, said: read.said, fetchedAt: read.entry.date, agent })
      : undefined;
  const troubles = state.troubles.get(host);
  state.frontier.open(next, troubles === undefined);
  const why = troubles?.givenUp;
  if (why) giveUp(run, next);
  const entry = { ...read.entry, ...(statements && { statements }), ...(why && { reason: why }) };
  return record(run, next, entry, { records: read.records, found: linksOf(run, next, read) });
}

function giveUp({ state, aside, later }: Run, next: WaitingUrl): void {
  const { host } = new URL(next.url);
  state.frontier.giveUp(next);
  aside.delete(host);
  later.delete(host);
}

async function recordGivenUp(run: Run, next: WaitingUrl, reason: string): Promise<void> {
  giveUp(run, next);
  const date = new Date((run.route.clock ?? systemClock).now()).toISOString();
  return record(run, next, { url: next.url, date, depth: next.depth, outcome: 'failed', reason });
}

function discoverSitemaps({ plan, scope, state }: Run, { origin, robots }: OriginRules): void {
  const urls = robots.sitemaps.flatMap((sitemap) => canonicalUrl(sitemap, origin) ?? []);
  const near = urls.filter((url) => ['scheme', undefined].includes(scope(url)) || isHostOf(url, plan.seeds));
  state.discover(near.map((url) => ({ url, depth: 0, kind: 'sitemap' })));
}

interface Refused {
  readonly rules: OriginRules;
  readonly refusal: string;
  readonly rule: NonNullable<FetchLogEntry['robots']>;
}

/** What may not be fetched is recorded; other files of its host need not be asked. */
async function recordRefusal(run: Run, next: WaitingUrl, { rules, refusal, rule }: Refused): Promise<void> {
  const { url, depth } = next;
  const date = new Date((run.route.clock ?? systemClock).now()).toISOString();
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

function linksOf(run: Run, from: WaitingUrl, { entry, links, body }: ReadAnswer): NewUrl[] {
  const { id: via, depth, hops = 0, kind } = from;
  const within = (url: NewUrl): boolean => !refused(run, url);
  if (entry.location !== undefined) {
    const target = { url: entry.location, depth, hops: hops + 1, via, ...(kind && { kind }) };
    return hops < mostHops && within(target) ? [target] : [];
  }
  if (kind !== 'sitemap' || !body) return links.map((url) => ({ url, depth: depth + 1, via })).filter(within);
  const { pages, sitemaps } = readSitemap(run.plan, from.url, body);
  return [
    ...pages.map((url) => ({ url, depth: 1, via })).filter(within),
    ...(hops < mostHops ? sitemaps : []).map(
      (url) => ({ url, depth: 0, hops: hops + 1, via, kind }) as const,
    ),
  ];
}

function refused(run: Run, { url, depth }: NewUrl): boolean {
  const reason = depth > run.plan.maxDepth ? 'depth' : run.scope(url);
  if (reason) run.refusals[reason] = (run.refusals[reason] ?? 0) + 1;
  return reason !== undefined;
}

async function record(
  run: Run,
  { id }: WaitingUrl,
  entry: FetchLogEntry,
  {
    records = [],
    found,
  }: { readonly records?: ReadAnswer['records']; readonly found?: readonly NewUrl[] } = {},
): Promise<void> {
  run.outcomes[entry.outcome] = (run.outcomes[entry.outcome] ?? 0) + 1;
  if (entry.reason !== undefined) run.reasons[entry.reason] = (run.reasons[entry.reason] ?? 0) + 1;
  await run.state.finish(entry, records, { found, taken: id });
}
