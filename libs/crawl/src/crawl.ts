// The crawl: takes URLs from the frontier, visits them, until nothing is left or a limit is met. Stopped at any moment it
// goes on from its folder.

import { DataError } from '@gristmill/core';
import { createFetcher, systemClock, type Clock, type Fetcher } from '@gristmill/http';
import { leaseLost, takeFolderLease, type LeaseHolder } from '@gristmill/storage';
import { openCrawl, type CrawlState } from './crawl-state.ts';
import { createPool } from '@gristmill/workers';
import { availableParallelism } from 'node:os';
import { createAnswerReader } from './answer-reader.ts';
import { createHostFiles, longestRetryMs } from './host-files.ts';
import { createArchiver } from './archiver.ts';
import { noteTrouble } from './host-troubles.ts';
import type { CrawlRoute } from './options.ts';
import type { CrawlPlan } from './plan.ts';
import { createOutlookMeter, type Outlook } from './outlook.ts';
import type { RefreshKind } from './resume.ts';
import { createRobotsRules } from './robots-rules.ts';
import { createScope, type Refusal } from './scope.ts';
import { visit, type Run } from './visit.ts';

export interface CrawlOptions {
  readonly plan: CrawlPlan;
  readonly route: CrawlRoute;
  /** Created when missing; an earlier crawl in it is carried on. */
  readonly folder: string;
  /** Ask again, conditionally, for what is there. */
  readonly refresh?: boolean | RefreshKind;
  readonly signal?: AbortSignal;
  /** Told after each page, and how it goes on once a second. */
  readonly onProgress?: (progress: CrawlProgress, outlook?: Outlook) => void;
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
  /**
   * Hosts for which the crawl is not over: they asked to come back later (429, 503) and answered with nothing else since,
   * or their robots.txt could not be had.
   */
  readonly waitsFor: readonly string[];
  /** Requests by what became of them, of this run. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Why requests failed or answers were refused, of this run. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Links left out, by reason, of this run. */
  readonly refusals: Readonly<Partial<Record<Refusal, number>>>;
  /** Seeds that lead out of the scope, to another domain, and where they lead. */
  readonly strays: Readonly<Record<string, string>>;
}

/** A retry waits outside its connection, so a few more URLs than connections are under way. */
const sparePerHost = 4;
const outlookMs = 1_000;
/** That read large pages. */
const mostThreads = 4;
/** While nothing else is left, robots.txt of a host in trouble is asked for so often. */
const mostTries = 3;

/** @throws DataError `crawl-busy` while another process crawls into the folder, `lease-lost` when one took it over */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  return withCrawlLease(options.folder, options.signal, (signal) => crawlAlone({ ...options, signal }));
}

/** Does `work` while no other process writes into the folder. */
export async function withCrawlLease<T>(
  folder: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const onLost = () => lost.abort(leaseLost({ location: folder }));
  const lease = await takeFolderLease(folder, { work: 'being crawled', busy: crawlBusy, onLost });
  try {
    const result = await work(AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]));
    lost.signal.throwIfAborted();
    return result;
  } finally {
    await lease.release();
  }
}

const crawlBusy = ({ place, work, pid, host }: LeaseHolder) =>
  new DataError(
    'crawl-busy',
    `${place} is ${work} by process ${pid} on ${host}`,
    'wait for it to end, or stop it: the same command goes on from there',
  );

async function crawlAlone(options: CrawlOptions): Promise<CrawlReport> {
  const { plan, route, signal, folder, refresh = false } = options;
  const clock = route.clock ?? systemClock;
  const connected = createFetcher({ ...route, clock, minDelayMs: route.delayMs, signal });
  const { politeness } = connected;
  const threads = createPool(Math.max(1, Math.min(mostThreads, availableParallelism() - 1)));
  const archiver = createArchiver();
  try {
    await using state = await openCrawl({
      ...{
        folder,
        refresh: refresh === true ? 'all' : refresh || undefined,
        info: infoOf(plan, route, clock),
      },
      ...{ politeness, mostPerHost: route.connectionsPerHost + sparePerHost },
      encode: archiver.encode,
    });
    const { retryBaseMs, agent } = route;
    const fetcher: Fetcher = {
      ...connected,
      async fetch(url, call) {
        const result = await connected.fetch(url, call);
        noteTrouble(state.troubles, new URL(result.chain.at(-1)!).host, result, route);
        return result;
      },
    };
    const hostFiles = createHostFiles({
      ...{ fetcher, clock, retryBaseMs, table: state.hostFiles, since: refresh ? clock.now() : 0 },
      record: (entry, exchange) => state.finish(entry, exchange),
    });
    const robots = createRobotsRules({ hostFiles, agent, politeness, clock });
    const run: Run = {
      ...options,
      ...{ fetcher, robots, hostFiles, state, outcomes: {}, reasons: {}, refusals: {} },
      ...{ later: new Set(), aside: new Map(), read: createAnswerReader(threads, signal) },
      sitemapsOf: new Set(plan.sitemaps ? plan.seeds.map((seed) => new URL(seed).origin) : []),
      ...{ scope: createScope(plan), strays: new Map<string, string>(), now: () => clock.now() },
    };
    for (const url of state.adopted) run.scope.adopt(url);
    state.discover(plan.seeds.map((url) => ({ url, depth: 0 })));
    await drain(run, clock, options.onProgress);
    await state.flush();
    const waitsFor = [...new Set([...run.later, ...run.aside.keys()])].sort();
    const isFull = state.pages >= plan.maxPages;
    const isDone = state.frontier.waiting === 0 && waitsFor.length === 0;
    const complete = !signal?.aborted && (isFull || isDone);
    const { outcomes, reasons, refusals } = run;
    const strays = Object.fromEntries(run.strays);
    return { ...progressOf(state), complete, waitsFor, outcomes, reasons, refusals, strays };
  } finally {
    await Promise.all([connected.close(), threads.close(), archiver.close()]);
  }
}

function progressOf({ pages, bytes, known, frontier }: CrawlState): CrawlProgress {
  return { pages, bytes, known, waiting: frontier.waiting };
}

/** Of a file's warcinfo record. */
export function infoOf(plan: Pick<CrawlPlan, 'scope'> | undefined, { agent }: CrawlRoute, clock: Clock) {
  const fields: [string, string][] = [
    ['software', 'gristmill'],
    ['format', 'WARC File Format 1.1'],
    ['http-header-user-agent', agent],
    ['robots', 'RFC 9309'],
    ['description', plan ? `scope ${plan.scope}` : "hosts' files"],
  ];
  return { date: new Date(clock.now()).toISOString(), fields };
}

async function drain(run: Run, clock: Clock, onProgress: CrawlOptions['onProgress']): Promise<void> {
  const { state, plan, route, signal } = run;
  const { frontier } = state;
  let underWay = 0;
  let failure: unknown;
  let moved = Promise.withResolvers<void>();
  const isFull = (): boolean => underWay >= route.pagesAtOnce || state.pages + underWay >= plan.maxPages;
  const start = (): boolean => {
    if (isFull()) return false;
    const next = frontier.next(clock.now());
    if (!next) return false;
    underWay++;
    void visit(run, next)
      .catch((error: unknown) => void (failure ??= error))
      .finally(() => {
        underWay--;
        frontier.done(next);
        onProgress?.(progressOf(state));
        moved.resolve();
      });
    return true;
  };
  const onStop = (): void => moved.resolve();
  signal?.addEventListener('abort', onStop);
  const meter = createOutlookMeter(plan.maxPages);
  const look = (): void => {
    const progress = progressOf(state);
    onProgress?.(progress, meter.look(progress, frontier.stands(clock.now())));
  };
  const looking = onProgress && setInterval(look, outlookMs);
  while (!signal?.aborted && failure === undefined) {
    if (start()) continue;
    if (underWay === 0 && state.pages >= plan.maxPages) break;
    const wakesAt = isFull() ? undefined : frontier.wakesAt();
    if (underWay === 0 && (wakesAt === undefined || !isWorthWaiting(run, wakesAt - clock.now()))) break;
    await wait(wakesAt);
  }
  while (underWay > 0) await wait(undefined);
  clearInterval(looking);
  signal?.removeEventListener('abort', onStop);
  if (failure !== undefined) throw failure as Error;

  async function wait(until: number | undefined): Promise<void> {
    const alarm = new AbortController();
    const rung = until === undefined ? [] : [clock.sleep(Math.max(0, until - clock.now()), alarm.signal)];
    await Promise.race([moved.promise, ...rung]);
    alarm.abort();
    moved = Promise.withResolvers();
  }
}

/**
 * Whether a host is asked again soon: none that asked to be left alone for long and, when every host that is left was set
 * aside, one that was not asked for too often.
 */
function isWorthWaiting({ aside, state, route }: Run, milliseconds: number): boolean {
  if (milliseconds > Math.max(longestRetryMs, route.longestCrawlDelayMs)) return false;
  if (aside.size < state.frontier.hosts) return true;
  return [...aside.values()].some(({ tries }) => tries < mostTries);
}
