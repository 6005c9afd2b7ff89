// How often one host is asked: so many connections, and a delay from the start of one request to the start of the next.
// Our own delay (pace.ts) is raised only by the site's Crawl-delay, an answer slower than the delay (a slow server is a
// busy one), a back-off that doubles when it pushes back (429, 503) and halves when it does not, and Retry-After.
// Conventions: Heritrix, CCBot.

import { systemClock, type Clock } from './clock.ts';
import { gapAfterAnswer, nextDue } from './pace.ts';

export interface PolitenessOptions {
  /** Own delay, the mean of the gaps; 0 leaves only Crawl-delay and back-off. */
  readonly minDelayMs?: number;
  readonly connectionsPerHost?: number;
  /** A host that asked to be left alone for longer is not waited for. */
  readonly longestRestMs?: number;
  /** Hosts that are remembered while nothing is owed to them. */
  readonly mostHosts?: number;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** What the server did: how long it took, whether it pushed back, how long it asked us to stay away. */
export interface Outcome {
  readonly elapsedMs: number;
  readonly pushback?: boolean;
  readonly retryAfterMs?: number;
}

export interface Politeness {
  /**
   * Waits for this host's turn, first come first served; call the result when the answer is there. Undefined where the
   * host asked to be left alone for longer than one waits.
   */
  acquire(host: string, signal?: AbortSignal): Promise<((outcome: Outcome) => void) | undefined>;
  setCrawlDelay(host: string, milliseconds: number): void;
  /** The present delay of a host in milliseconds. */
  delayMs(host: string): number;
  /** When a host may be asked next, in milliseconds since 1970; 0 when nothing is known of it. */
  readyAt(host: string): number;
  /** Hosts in memory. */
  readonly hosts: number;
}

const slowestAnswerMs = 30_000;
const firstBackoffMs = 1_000;
const longestBackoffMs = 300_000;
/** No Retry-After counts for longer. */
const longestRetryAfterMs = 24 * 3600 * 1000;

interface HostState {
  active: number;
  /** Those that wait for their turn or use it. */
  users: number;
  readyAt: number;
  /** Retry-After. */
  restUntil: number;
  crawlDelayMs: number;
  slowMs: number;
  backoffMs: number;
  /** Resolved when the request before has left. */
  turn: Promise<void>;
  freed: () => void;
}

export function createPoliteness({
  minDelayMs = 1_000,
  connectionsPerHost = 1,
  longestRestMs = Infinity,
  mostHosts = 10_000,
  clock = systemClock,
  random = Math.random,
}: PolitenessOptions = {}): Politeness {
  const hosts = new Map<string, HostState>();
  let sweepAt = mostHosts;

  function stateOf(host: string): HostState {
    const idle = { active: 0, users: 0, readyAt: 0, restUntil: 0, crawlDelayMs: 0, slowMs: 0, backoffMs: 0 };
    const state = hosts.get(host) ?? { ...idle, turn: Promise.resolve(), freed: () => {} };
    // The map is in the order of use.
    hosts.delete(host);
    if (hosts.size >= sweepAt) sweep();
    hosts.set(host, state);
    return state;
  }

  /** Forgets those not used for longest that may be asked at once: robots.txt says its delay before the next request. */
  function sweep(): void {
    const now = clock.now();
    for (const [host, { users, readyAt }] of hosts) {
      if (users === 0 && readyAt <= now) hosts.delete(host);
      if (hosts.size <= mostHosts / 2) break;
    }
    sweepAt = Math.max(mostHosts, 2 * hosts.size);
  }

  const owed = ({ crawlDelayMs, backoffMs, slowMs }: HostState): number =>
    Math.max(crawlDelayMs, backoffMs, slowMs);

  function release(state: HostState, start: number, outcome: Outcome): void {
    const { elapsedMs, pushback = false, retryAfterMs = 0 } = outcome;
    const now = clock.now();
    state.active--;
    state.users--;
    const given = Math.max(minDelayMs, state.crawlDelayMs);
    state.slowMs = minDelayMs > 0 ? gapAfterAnswer(Math.min(elapsedMs, slowestAnswerMs), given) : 0;
    state.backoffMs = nextBackoff(state.backoffMs, pushback);
    if (pushback) state.restUntil = now + Math.min(retryAfterMs, longestRetryAfterMs);
    const backedOff = pushback ? now + state.backoffMs : 0;
    state.readyAt = Math.max(state.readyAt, start + state.slowMs, backedOff, state.restUntil);
    state.freed();
  }

  const isAway = ({ restUntil }: HostState): boolean => restUntil - clock.now() > longestRestMs;

  return {
    async acquire(host, signal) {
      const state = stateOf(host);
      state.users++;
      const before = state.turn;
      let leave = (): void => {};
      state.turn = new Promise((resolve) => (leave = resolve));
      try {
        await before;
        if (state.active >= connectionsPerHost) await new Promise<void>((resolve) => (state.freed = resolve));
        // An answer to another connection may move it while one sleeps.
        for (let wait = 1; !isAway(state) && !signal?.aborted;) {
          wait = state.readyAt - clock.now();
          if (wait <= 0) break;
          await clock.sleep(wait, signal);
        }
        if (isAway(state)) {
          state.users--;
          return undefined;
        }
        const start = clock.now();
        const started = { due: state.readyAt, start };
        state.active++;
        state.readyAt = nextDue(started, { delayMs: minDelayMs, leastMs: owed(state) }, random());
        return (outcome) => release(state, start, outcome);
      } finally {
        leave();
      }
    },
    setCrawlDelay(host, milliseconds) {
      stateOf(host).crawlDelayMs = milliseconds;
    },
    delayMs(host) {
      const state = hosts.get(host);
      return state ? Math.max(minDelayMs, owed(state)) : minDelayMs;
    },
    readyAt: (host) => hosts.get(host)?.readyAt ?? 0,
    get hosts() {
      return hosts.size;
    },
  };
}

function nextBackoff(backoffMs: number, pushback: boolean): number {
  if (pushback) return Math.min(Math.max(firstBackoffMs, backoffMs * 2), longestBackoffMs);
  return backoffMs < firstBackoffMs ? 0 : backoffMs / 2;
}
