// The frontier: which URL is next. Hosts take turns; within a host shallow URLs come before deep ones, old before new.
// In memory there is a small record for each host that has something to do; the URLs themselves stay in the database.

import TinyQueue from 'tinyqueue';
import type { HostRow, NewUrl, UrlTable, WaitingUrl } from './url-table.ts';

export interface FrontierOptions {
  readonly urls: UrlTable;
  /** URLs of a host under way at a time. */
  readonly mostPerHost: number;
  /** When a host may be asked again, in milliseconds since 1970; 0 when nothing is known of it. */
  readonly readyAt: (host: string) => number;
  /** Between two URLs of a host, in milliseconds. */
  readonly delayMs: (host: string) => number;
}

export interface Frontier {
  /** The number of those that are new. */
  add(urls: readonly NewUrl[]): number;
  /** A URL of the host whose turn it is, among those that may be asked now. */
  next(now: number): WaitingUrl | undefined;
  /** When a host will be ready that is not now; undefined when none waits for that. */
  wakesAt(): number | undefined;
  /**
   * The files of the URL's host were read. Until then, and while it is in trouble (`isOpen` false), a host has one URL
   * under way, so a dead one holds one slot.
   */
  open(url: WaitingUrl, isOpen?: boolean): void;
  /** The URL that `next` gave has left its slot. */
  done(url: WaitingUrl): void;
  /** Its outcome is in the database: it is no longer told from the others by memory. */
  settle(id: number): void;
  /** The URL that `next` gave waits again, and its host is not asked before that moment. */
  setAside(url: WaitingUrl, until: number, why?: 'robots' | 'later'): void;
  /** A known URL waits again: it is said to have changed. */
  again(host: Pick<HostRow, 'id' | 'host'>): void;
  /** Nothing more is asked of the URL's host in this run; its URLs wait in the database. */
  giveUp(url: WaitingUrl): void;
  /** Hosts that have something to do: what each waits for at that moment. */
  stands(now: number): Generator<HostStand>;
  /** URLs that wait, without those under way. */
  readonly waiting: number;
  /** Hosts that have something to do, by what they wait for. */
  readonly hosts: number;
}

export interface HostStand {
  readonly host: string;
  /** Its URLs that wait. */
  readonly waiting: number;
  readonly delayMs: number;
  readonly waitsFor: 'robots' | 'later' | 'answering' | 'delay' | 'turn';
}

/** A URL is given so long before its host may be asked, so that it is prepared when the moment comes. */
const longestLeadMs = 100;
/** The next one is given not before, as a part of the delay; meanwhile the request has started and says when it may. */
const guard = 0.75;

interface HostQueue {
  readonly id: number;
  readonly host: string;
  waiting: number;
  active: number;
  /** Not asked before. */
  asideUntil: number;
  /** Why it was set aside last. */
  asideFor: 'robots' | 'later';
  /** Its host files were read: more than one URL may be under way. */
  isOpen: boolean;
  /** The place of the last URL that was given. */
  depth: number;
  last: number;
  /** Where it stands: its turn will come, it waits for a moment, or nothing can be done for it. */
  place: 'turn' | 'sleep' | 'out';
}

export function createFrontier({ urls, mostPerHost, readyAt, delayMs }: FrontierOptions): Frontier {
  const hosts = new Map<number, HostQueue>();
  /** Given and not yet settled: the database still has them waiting. */
  const taken = new Set<number>();
  const givenUp = new Set<number>();
  const turns = createFifo<HostQueue>();
  const sleepers = new TinyQueue<{ at: number; queue: HostQueue }>([], (a, b) => a.at - b.at);
  let waiting = 0;

  const queueOf = ({ id, host }: Pick<HostRow, 'id' | 'host'>): HostQueue => {
    let queue = hosts.get(id);
    if (!queue) {
      queue = {
        id,
        host,
        waiting: 0,
        active: 0,
        asideUntil: 0,
        asideFor: 'robots',
        isOpen: false,
        depth: -1,
        last: 0,
        place: 'out',
      };
      hosts.set(id, queue);
    }
    return queue;
  };

  const lead = (host: string): number => Math.min(longestLeadMs, (1 - guard) * delayMs(host));
  const wakes = ({ asideUntil, host }: HostQueue): number => Math.max(asideUntil, readyAt(host) - lead(host));
  const isBusy = ({ isOpen, active }: HostQueue): boolean => active >= (isOpen ? mostPerHost : 1);

  /** Puts a host where it belongs. */
  function place(queue: HostQueue, now = 0): void {
    if (queue.place !== 'out') return;
    if (queue.waiting === 0) {
      if (queue.active === 0) hosts.delete(queue.id);
      return;
    }
    if (isBusy(queue)) return;
    const at = wakes(queue);
    queue.place = at > now ? 'sleep' : 'turn';
    if (at > now) sleepers.push({ at, queue });
    else turns.push(queue);
  }

  function take(queue: HostQueue): WaitingUrl | undefined {
    for (;;) {
      const found = urls.nextOf(queue.id, { depth: queue.depth, id: queue.last });
      if (!found) return undefined;
      queue.depth = found.depth;
      queue.last = found.id;
      if (taken.has(found.id)) continue;
      return found;
    }
  }

  for (const row of urls.hosts()) {
    const queue = queueOf(row);
    queue.waiting = row.waiting;
    waiting += row.waiting;
    place(queue);
  }

  return {
    add(list) {
      let fresh = 0;
      for (const url of list) {
        const row = urls.add(url);
        if (!row) continue;
        fresh++;
        if (givenUp.has(row.host)) continue;
        waiting++;
        const queue = queueOf({ id: row.host, host: new URL(url.url).host });
        queue.waiting++;
        // A shallow one that comes late is behind the place that was reached.
        if (url.depth < queue.depth) [queue.depth, queue.last] = [url.depth, row.id - 1];
        place(queue);
      }
      return fresh;
    },
    next(now) {
      while (sleepers.peek() && sleepers.peek()!.at <= now) {
        const { queue } = sleepers.pop()!;
        queue.place = 'out';
        place(queue, now);
      }
      for (let queue = turns.shift(); queue; queue = turns.shift()) {
        queue.place = 'out';
        if (isBusy(queue) || wakes(queue) > now) {
          place(queue, now);
          continue;
        }
        const found = take(queue);
        if (!found) {
          // The count in a damaged file was wrong.
          waiting -= queue.waiting;
          queue.waiting = 0;
          place(queue, now);
          continue;
        }
        taken.add(found.id);
        queue.waiting--;
        queue.active++;
        waiting--;
        queue.asideUntil = now + guard * delayMs(queue.host);
        place(queue, now);
        return found;
      }
      return undefined;
    },
    wakesAt() {
      while (sleepers.peek()?.queue.waiting === 0) {
        const { queue } = sleepers.pop()!;
        queue.place = 'out';
        place(queue);
      }
      return sleepers.peek()?.at;
    },
    done({ host }) {
      const queue = hosts.get(host)!;
      queue.active--;
      place(queue);
    },
    open({ host }, isOpen = true) {
      const queue = hosts.get(host)!;
      queue.isOpen = isOpen;
      place(queue);
    },
    settle: (id) => void taken.delete(id),
    setAside(url, until, why = 'robots') {
      taken.delete(url.id);
      if (givenUp.has(url.host)) return;
      const queue = hosts.get(url.host)!;
      queue.asideUntil = until;
      queue.asideFor = why;
      queue.isOpen = false;
      queue.waiting++;
      waiting++;
      [queue.depth, queue.last] = [-1, 0];
    },
    again(host) {
      if (givenUp.has(host.id)) return;
      const queue = queueOf(host);
      queue.waiting++;
      waiting++;
      [queue.depth, queue.last] = [-1, 0];
      place(queue);
    },
    giveUp({ host }) {
      givenUp.add(host);
      const queue = hosts.get(host)!;
      waiting -= queue.waiting;
      queue.waiting = 0;
    },
    *stands(now) {
      for (const queue of hosts.values()) {
        const { host, waiting: waits, asideUntil, asideFor, isOpen, active } = queue;
        const delay = delayMs(host);
        const isAside = !isOpen && active === 0 && asideUntil > now + delay;
        const otherwise = active > 0 ? 'answering' : 'turn';
        const waitsFor = isAside ? asideFor : readyAt(host) > now ? 'delay' : otherwise;
        yield { host, waiting: waits, delayMs: delay, waitsFor };
      }
    },
    get waiting() {
      return waiting;
    },
    get hosts() {
      return hosts.size;
    },
  };
}

/** First in, first out, without moving what stays. */
function createFifo<T>(): { push(item: T): void; shift(): T | undefined } {
  let items: T[] = [];
  let at = 0;
  return {
    push: (item) => void items.push(item),
    shift() {
      if (at >= items.length) return undefined;
      const item = items[at++];
      if (at > 1024 && at * 2 > items.length) [items, at] = [items.slice(at), 0];
      return item;
    },
  };
}
