// Which URLs belong to a crawl: those of the seeds' hosts, domains or folders, and no traps. A trap is an address that
// a site makes up without end; it is told by its form alone (length, depth, repeated segments), never by its content.

import { registrableDomain } from '@gristmill/text';

export type ScopeKind = 'host' | 'domain' | 'path';

/** Why a URL is left out; undefined when it belongs. */
export type Refusal = 'scheme' | 'scope' | 'url-too-long' | 'path-too-deep' | 'path-repeats';

const longestUrl = 2_000;
const mostSegments = 25;
/** A run of segments that follows itself this often is a loop: /a/b/a/b/a/b. */
const mostRepeats = 3;

/**
 * @param kind host: same host and port; domain: the registered domain of the seed's host; path: same host
 *   and below the seed's folder
 */
export function createScope(seeds: readonly string[], kind: ScopeKind): (url: string) => Refusal | undefined {
  const starts = seeds.map((seed) => new URL(seed));
  const belongs = (url: URL): boolean =>
    starts.some((start) => {
      if (kind === 'domain') return registrableDomain(url.hostname) === registrableDomain(start.hostname);
      return (
        url.host === start.host && (kind === 'host' || url.pathname.startsWith(folderOf(start.pathname)))
      );
    });
  return (text) => {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol)) return 'scheme';
    return belongs(url) ? findTrap(url) : 'scope';
  };
}

function folderOf(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/') + 1);
}

function findTrap(url: URL): Refusal | undefined {
  if (url.href.length > longestUrl) return 'url-too-long';
  const segments = url.pathname.split('/').filter(Boolean);
  if (segments.length > mostSegments) return 'path-too-deep';
  return hasLoop(segments) ? 'path-repeats' : undefined;
}

function hasLoop(segments: readonly string[]): boolean {
  for (let run = 1; run * mostRepeats <= segments.length; run++) {
    let same = 0;
    for (let at = run; at < segments.length; at++) {
      same = segments[at] === segments[at - run] ? same + 1 : 0;
      if (same >= run * (mostRepeats - 1)) return true;
    }
  }
  return false;
}
