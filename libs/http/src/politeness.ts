// How often one host is asked: so many connections, and a delay from the end of one answer to the next request. The
// delay is the greatest of our own minimum, the site's Crawl-delay, the time its last answer took (a slow server is a
// busy one) and a back-off that doubles when it pushes back and halves when it does not. Conventions: Heritrix, CCBot.

import { systemClock, type Clock } from './clock.ts';

export interface PolitenessOptions {
  /** Own minimum; 0 leaves only Crawl-delay and back-off. */
  readonly minDelayMs?: number;
  readonly connectionsPerHost?: number;
  readonly clock?: Clock;
}

/** What the server did: how long it took, whether it pushed back, how long it asked us to stay away. */
export interface Outcome {
  readonly elapsedMs: number;
  readonly pushback?: boolean;
  readonly retryAfterMs?: number;
}

export interface Politeness {
  /** Waits for this host's turn, first come first served; call the result when the answer is there. */
  acquire(host: string, signal?: AbortSignal): Promise<(outcome: Outcome) => void>;
  setCrawlDelay(host: string, milliseconds: number): void;
  /** The present delay of a host in milliseconds. */
  delayMs(host: string): number;
  /** When a host may be asked next, in milliseconds since 1970; 0 when nothing is known of it. */
  readyAt(host: string): number;
}

const slowestAnswerMs = 30_000;
const firstBackoffMs = 1_000;
const longestBackoffMs = 300_000;

interface HostState {
  active: number;
  readyAt: number;
  crawlDelayMs: number;
  answerMs: number;
  backoffMs: number;
  /** Resolved when the request before has left. */
  turn: Promise<void>;
  freed: () => void;
}

export function createPoliteness({
  minDelayMs = 1_000,
  connectionsPerHost = 1,
  clock = systemClock,
}: PolitenessOptions = {}): Politeness {
  const hosts = new Map<string, HostState>();

  function stateOf(host: string): HostState {
    let state = hosts.get(host);
    if (!state) {
      const idle = { active: 0, readyAt: 0, crawlDelayMs: 0, answerMs: 0, backoffMs: 0 };
      hosts.set(host, (state = { ...idle, turn: Promise.resolve(), freed: () => {} }));
    }
    return state;
  }

  const delayOf = (state: HostState): number =>
    Math.max(minDelayMs, state.crawlDelayMs, state.backoffMs, minDelayMs > 0 ? state.answerMs : 0);

  function release(state: HostState, { elapsedMs, pushback = false, retryAfterMs = 0 }: Outcome): void {
    state.active--;
    state.answerMs = Math.min(elapsedMs, slowestAnswerMs);
    state.backoffMs = pushback
      ? Math.min(Math.max(firstBackoffMs, state.backoffMs * 2), longestBackoffMs)
      : state.backoffMs < firstBackoffMs
        ? 0
        : state.backoffMs / 2;
    const rest = Math.max(delayOf(state), pushback ? retryAfterMs : 0);
    state.readyAt = Math.max(state.readyAt, clock.now() + rest);
    state.freed();
  }

  return {
    async acquire(host, signal) {
      const state = stateOf(host);
      const before = state.turn;
      let leave = (): void => {};
      state.turn = new Promise((resolve) => (leave = resolve));
      try {
        await before;
        if (state.active >= connectionsPerHost) await new Promise<void>((resolve) => (state.freed = resolve));
        const wait = state.readyAt - clock.now();
        if (wait > 0) await clock.sleep(wait, signal);
        state.active++;
        state.readyAt = clock.now() + delayOf(state);
      } finally {
        leave();
      }
      return (outcome) => release(state, outcome);
    },
    setCrawlDelay(host, milliseconds) {
      stateOf(host).crawlDelayMs = milliseconds;
    },
    delayMs: (host) => delayOf(stateOf(host)),
    readyAt: (host) => hosts.get(host)?.readyAt ?? 0,
  };
}
