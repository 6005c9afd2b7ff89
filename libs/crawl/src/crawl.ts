// The crawl: takes URLs from the frontier, asks robots.txt, fetches, records, follows links inside the scope, until
// nothing is left or a limit is met. Stopped at any moment it goes on from its folder.

import { DataError } from '@gristmill/core';
import {
  createFetcher,
  createRobotsCache,
  systemClock,
  type Fetcher,
  type RobotsCache,
} from '@gristmill/http';
import { parseSitemap } from '@gristmill/markup';
import { leaseLost, takeFolderLease, type LeaseHolder } from '@gristmill/storage';
import { canonicalUrl, decodeText } from '@gristmill/text';
import type { NewRecord } from '@gristmill/warc';
import { gunzipSync } from 'node:zlib';
import { readAnswer, type ReadAnswer } from './answer.ts';
import { isRecordIntact } from './crawled-items.ts';
import { openCrawl, type CrawlState } from './crawl-state.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import type { FrontierEntry } from './frontier.ts';
import { gatherStatements, robotsStatements } from './gather-statements.ts';
import { createHostFiles, readHostFile, type HostFiles } from './host-files.ts';
import { isWanted, type CrawlPlan, type CrawlRoute } from './options.ts';
import { createScope, type Refusal } from './scope.ts';

export interface CrawlOptions {
  readonly plan: CrawlPlan;
  readonly route: CrawlRoute;
  /** Created when missing; an earlier crawl in it is carried on. */
  readonly folder: string;
  /** Ask again, conditionally, for what is there. */
  readonly refresh?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CrawlProgress) => void;
}

export interface CrawlProgress {
  /** Documents in the folder. */
  readonly pages: number;
  /** URLs found. */
  readonly known: number;
  readonly waiting: number;
  readonly bytes: number;
}

export interface CrawlReport extends CrawlProgress {
  /** True when nothing is left to do within the limits. */
  readonly complete: boolean;
  /** Hosts that asked to come back later (429, 503) and answered with nothing else since. */
  readonly waitsFor: readonly string[];
  /** Requests by what became of them, of this run. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Why requests failed or answers were refused, of this run. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Links left out, by reason, of this run. */
  readonly refusals: Readonly<Partial<Record<Refusal | 'depth', number>>>;
}

interface Run extends CrawlOptions {
  /** Hosts whose last answer asked to come back later. */
  readonly later: Set<string>;
  readonly fetcher: Fetcher;
  readonly robots: RobotsCache;
  readonly hostFiles: HostFiles;
  readonly state: CrawlState;
  readonly scope: (url: string) => Refusal | undefined;
  readonly outcomes: Record<string, number>;
  readonly reasons: Record<string, number>;
  readonly refusals: Partial<Record<Refusal | 'depth', number>>;
}

/** A retry waits outside its connection, so a few more URLs than connections are under way. */
const sparePerHost = 4;
const mostUnderWay = 64;
const mostHops = 10;

/** @throws DataError `crawl-busy` while another process crawls into the folder, `lease-lost` when one took it over */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  const { folder, signal } = options;
  const lost = new AbortController();
  const onLost = () => lost.abort(leaseLost({ location: folder }));
  const lease = await takeFolderLease(folder, { work: 'being crawled', busy: crawlBusy, onLost });
  try {
    const stop = AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]);
    const report = await crawlAlone({ ...options, signal: stop });
    lost.signal.throwIfAborted();
    return report;
  } finally {
    await lease.release();
  }
}

export const crawlBusy = ({ place, work, pid, host }: LeaseHolder) =>
  new DataError(
    'crawl-busy',
    `${place} is ${work} by process ${pid} on ${host}`,
    'wait for it to end, or stop it: the same command goes on from there',
  );

async function crawlAlone(options: CrawlOptions): Promise<CrawlReport> {
  const { plan, route, signal } = options;
  const clock = route.clock ?? systemClock;
  const fetcher = createFetcher({ ...route, clock, minDelayMs: route.delayMs, signal });
  try {
    const info = { date: new Date(clock.now()).toISOString(), fields: infoFields(plan, route) };
    await using state = await openCrawl({ folder: options.folder, info, refresh: options.refresh ?? false });
    const keep = (entry: FetchLogEntry, records: readonly NewRecord[]) => state.finish(entry, records, []);
    const robots = createRobotsCache({
      ...{ fetcher, agent: route.agent, clock },
      onFetched: async (result) => {
        const { entry, records } = readHostFile(result, { url: result.chain[0], kind: 'robots' });
        if (entry.reason !== 'stopped') await keep(entry, records);
      },
    });
    const hostFiles = createHostFiles({ fetcher, record: keep });
    const run: Run = {
      ...options,
      ...{ fetcher, robots, hostFiles, state, outcomes: {}, reasons: {}, refusals: {} },
      later: new Set<string>(),
      scope: createScope(plan.seeds, plan.scope),
    };
    await state.discover(plan.seeds.map((url) => ({ url, depth: 0 })));
    if (plan.sitemaps) await discoverSitemaps(run);
    await drain(run);
    const waitsFor = [...run.later].sort();
    const isFull = state.pages >= plan.maxPages;
    const isDone = state.frontier.waiting === 0 && waitsFor.length === 0;
    const complete = !signal?.aborted && (isFull || isDone);
    const { outcomes, reasons, refusals } = run;
    return { ...progressOf(state), complete, waitsFor, outcomes, reasons, refusals };
  } finally {
    await fetcher.close();
  }
}

function progressOf({ pages, bytes, frontier }: CrawlState): CrawlProgress {
  return { pages, bytes, known: frontier.known, waiting: frontier.waiting };
}

function infoFields(plan: CrawlPlan, { agent }: CrawlRoute): [string, string][] {
  return [
    ['software', 'gristmill'],
    ['format', 'WARC File Format 1.1'],
    ['http-header-user-agent', agent],
    ['robots', 'RFC 9309'],
    ['description', `scope ${plan.scope}`],
  ];
}

async function discoverSitemaps({ plan, robots, state, scope, signal }: Run): Promise<void> {
  const origins = [...new Set(plan.seeds.map((seed) => new URL(seed).origin))];
  for (const origin of origins) {
    if (signal?.aborted) return;
    const { robots: rules } = await robots.of(origin);
    const urls = rules.sitemaps.flatMap((sitemap) => canonicalUrl(sitemap, origin) ?? []);
    const near = urls.filter(
      (url) => ['scheme', undefined].includes(scope(url)) || isHostOf(url, plan.seeds),
    );
    await state.discover(near.map((url) => ({ url, depth: 0, kind: 'sitemap' })));
  }
}

/** A sitemap lies at the root of a host even where the scope is a folder of it. */
function isHostOf(url: string, seeds: readonly string[]): boolean {
  return seeds.some((seed) => new URL(seed).host === new URL(url).host);
}

async function drain(run: Run): Promise<void> {
  const { state, plan, route, signal } = run;
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  const mostPerHost = route.connectionsPerHost + sparePerHost;
  for (;;) {
    while (!signal?.aborted && failure === undefined && underWay.size < mostUnderWay) {
      if (state.pages + underWay.size >= plan.maxPages) break;
      const next = state.frontier.next(mostPerHost);
      if (!next) break;
      const task = visit(run, next)
        .catch((error: unknown) => void (failure ??= error))
        .finally(() => {
          underWay.delete(task);
          state.frontier.done(next);
          run.onProgress?.(progressOf(state));
        });
      underWay.add(task);
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay);
  }
  if (failure !== undefined) throw failure;
}

async function visit(run: Run, next: FrontierEntry): Promise<void> {
  const { plan, route, state, fetcher, robots } = run;
  const { url, depth, kind } = next;
  const decision = await robots.decide(url);
  if (run.signal?.aborted) return;
  const { digest, failure, access } = decision.robots;
  const rule = {
    ...(decision.line !== undefined && { line: decision.line }),
    ...(digest !== undefined && { digest }),
  };
  const refusal = decision.allowed
    ? tooSlow(run, url)
    : access === 'nothing'
      ? 'robots-unreachable'
      : 'disallowed';
  if (refusal) {
    const date = new Date((route.clock ?? systemClock).now()).toISOString();
    const outcome = access === 'nothing' ? 'failed' : 'robots';
    if (access === 'nothing') noteAnswer(run, url, decision.robots.status);
    const entry = { url, date, outcome, reason: failure ?? refusal, depth, robots: rule } as const;
    // What may not be fetched is refused; other files of its host need not be asked.
    const statements = decision.allowed
      ? undefined
      : robotsStatements(decision.robots, { url, fetchedAt: date, agent: route.agent });
    return record(run, { ...entry, ...(outcome === 'robots' && statements && { statements }) }, [], []);
  }
  if (kind === undefined) await run.hostFiles.of(url);
  const kept = state.revisions.get(url);
  const known = kept && (await isRecordIntact(run.folder, kept)) ? kept : undefined;
  const result = await fetcher.fetch(url, {
    ...(known && { validators: { etag: known.etag, lastModified: known.lastModified } }),
    ...(kind === undefined && { wants: (type: string) => isWanted(plan.mediaTypes, type) }),
    maxBytes: plan.maxBytes,
  });
  if ('failure' in result.answer && result.answer.failure === 'stopped') return;
  noteAnswer(run, url, result.answer.status);
  const { agent } = route;
  const context = {
    url,
    depth,
    agent,
    kind,
    robots: rule,
    maxBytes: plan.maxBytes,
    knownDigest: known?.digest,
  };
  const read = readAnswer(result, context);
  const statements =
    read.said && kind === undefined
      ? await gatherStatements(run, { url, said: read.said, fetchedAt: read.entry.date, agent })
      : undefined;
  const entry = statements ? { ...read.entry, statements } : read.entry;
  return record(run, entry, read.records, linksOf(run, next, read));
}

const comeBackLater = new Set([429, 503]);

function noteAnswer({ later }: Run, url: string, status: number | undefined): void {
  const { host } = new URL(url);
  if (status !== undefined && comeBackLater.has(status)) later.add(host);
  else if (status !== undefined) later.delete(host);
}

/** Beyond the cap a Crawl-delay is no delay but a refusal. */
function tooSlow({ fetcher, route }: Run, url: string): string | undefined {
  const { host } = new URL(url);
  return fetcher.politeness.delayMs(host) > route.longestCrawlDelayMs ? 'crawl-delay' : undefined;
}

function linksOf(run: Run, from: FrontierEntry, { entry, links, body }: ReadAnswer): FrontierEntry[] {
  const { depth, hops = 0, kind } = from;
  if (entry.location !== undefined) {
    const target = { url: entry.location, depth, hops: hops + 1, ...(kind && { kind }) };
    return hops < mostHops && !refused(run, target) ? [target] : [];
  }
  if (kind === 'sitemap' && body) return readSitemap(run, from, body);
  const found = links.map((url) => ({ url, depth: depth + 1 }));
  return found.filter((target) => !refused(run, target));
}

function refused(run: Run, { url, depth }: FrontierEntry): boolean {
  const reason = depth > run.plan.maxDepth ? 'depth' : run.scope(url);
  if (reason) run.refusals[reason] = (run.refusals[reason] ?? 0) + 1;
  return reason !== undefined;
}

function readSitemap(run: Run, { url, hops = 0 }: FrontierEntry, body: Uint8Array): FrontierEntry[] {
  let bytes = body;
  try {
    if (body[0] === 0x1f && body[1] === 0x8b)
      bytes = gunzipSync(body, { maxOutputLength: run.plan.maxBytes });
  } catch {
    return [];
  }
  const { pages, sitemaps } = parseSitemap(decodeText(bytes, { markup: 'xml' }).text);
  const absolute = (list: readonly string[]): string[] =>
    list.flatMap((link) => canonicalUrl(link, url) ?? []);
  const further = absolute(sitemaps).filter((link) => hops < mostHops && isHostOf(link, run.plan.seeds));
  return [
    ...absolute(pages)
      .map((page) => ({ url: page, depth: 1 }))
      .filter((target) => !refused(run, target)),
    ...further.map((link) => ({ url: link, depth: 0, hops: hops + 1, kind: 'sitemap' as const })),
  ];
}

async function record(
  run: Run,
  entry: FetchLogEntry,
  records: ReadAnswer['records'],
  found: readonly FrontierEntry[],
): Promise<void> {
  run.outcomes[entry.outcome] = (run.outcomes[entry.outcome] ?? 0) + 1;
  if (entry.reason !== undefined) run.reasons[entry.reason] = (run.reasons[entry.reason] ?? 0) + 1;
  await run.state.finish(entry, records, found);
}
