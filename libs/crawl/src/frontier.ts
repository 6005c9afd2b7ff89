// The frontier: URLs that were found and not yet dealt with, broad before deep, a queue for each host. In memory it is
// queues and a set; on disk it is the order in which URLs were found, from which a crawl that was stopped goes on.

export interface FrontierEntry {
  /** Canonical URL. */
  readonly url: string;
  /** Links from the nearest seed. */
  readonly depth: number;
  /** Redirects that led here, from the URL that was linked. */
  readonly hops?: number;
  readonly kind?: 'sitemap';
}

export interface Frontier {
  /** The entries that are new; known URLs are left out. */
  add(entries: readonly FrontierEntry[]): FrontierEntry[];
  /** These were dealt with before: they will not be added again. */
  markKnown(urls: Iterable<string>): void;
  /** The next URL of the least depth among hosts with fewer than `mostPerHost` under way. */
  next(mostPerHost: number): FrontierEntry | undefined;
  /** The URL that `next` gave is dealt with. */
  done(entry: FrontierEntry): void;
  readonly known: number;
  readonly waiting: number;
}

interface HostQueue {
  /** By depth; each first in, first out. */
  levels: FrontierEntry[][];
  waiting: number;
  active: number;
}

export function createFrontier(): Frontier {
  const known = new Set<string>();
  const hosts = new Map<string, HostQueue>();
  let waiting = 0;

  function queueOf(url: string): HostQueue {
    const { host } = new URL(url);
    let queue = hosts.get(host);
    if (!queue) hosts.set(host, (queue = { levels: [], waiting: 0, active: 0 }));
    return queue;
  }

  function push(entry: FrontierEntry): void {
    const queue = queueOf(entry.url);
    (queue.levels[entry.depth] ??= []).push(entry);
    queue.waiting++;
    waiting++;
  }

  return {
    add(entries) {
      const fresh = entries.filter(({ url }) => !known.has(url) && known.add(url));
      fresh.forEach(push);
      return fresh;
    },
    markKnown(urls) {
      for (const url of urls) known.add(url);
    },
    next(mostPerHost) {
      let best: HostQueue | undefined;
      for (const queue of hosts.values()) {
        if (queue.waiting === 0 || queue.active >= mostPerHost) continue;
        if (!best || leastDepth(queue) < leastDepth(best)) best = queue;
      }
      if (!best) return undefined;
      const level = best.levels[leastDepth(best)];
      best.waiting--;
      best.active++;
      waiting--;
      return level.shift();
    },
    done({ url }) {
      queueOf(url).active--;
    },
    get known() {
      return known.size;
    },
    get waiting() {
      return waiting;
    },
  };
}

function leastDepth({ levels }: HostQueue): number {
  return levels.findIndex((level) => level !== undefined && level.length > 0);
}
