// Which addresses belong to a crawl: those of the seeds' hosts, domains or folders, or those that patterns name.

import { matchesPattern } from '@gristmill/consent';
import { registrableDomain } from '@gristmill/text';
import type { TrapRule } from './discover/traps.ts';

export type ScopeKind = 'host' | 'domain' | 'path' | 'pattern';

/** Why an address is left out of a crawl. */
export type Refusal = 'scheme' | 'scope' | 'excluded' | 'depth' | TrapRule;

export interface ScopeOptions {
  readonly seeds: readonly string[];
  /**
   * host: same host and port; domain: the registered domain of the seed's host; path: same host and below the seed's folder;
   * pattern: what `include` matches, on any host
   */
  readonly scope: ScopeKind;
  /** Patterns over whole addresses, as in robots.txt: from the first character, `*` any run, a final `$` the end. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

export interface Scope {
  /** Undefined for an address that belongs. */
  refusal(url: string): 'scheme' | 'scope' | 'excluded' | undefined;
  /** Counts as a seed from now on. */
  adopt(url: string): void;
  /** Whether a seed lies on its host, wherever there. */
  isNear(url: string): boolean;
}

export function createScope({ seeds, scope, include = [], exclude = [] }: ScopeOptions): Scope {
  const starts = seeds.map((seed) => new URL(seed));
  const domains = new Set(starts.map(({ hostname }) => registrableDomain(hostname)));
  const matches = (patterns: readonly string[], url: string): boolean =>
    patterns.some((pattern) => matchesPattern(url, pattern));
  const belongs = (url: URL): boolean => {
    if (scope === 'pattern') return matches(include, url.href);
    if (scope === 'domain') return domains.has(registrableDomain(url.hostname));
    return starts.some(
      (start) =>
        url.host === start.host && (scope === 'host' || url.pathname.startsWith(folderOf(start.pathname))),
    );
  };
  return {
    refusal(text) {
      const url = URL.parse(text);
      if (!url || !/^https?:$/.test(url.protocol)) return 'scheme';
      if (!belongs(url)) return 'scope';
      return matches(exclude, text) ? 'excluded' : undefined;
    },
    adopt(text) {
      const url = new URL(text);
      starts.push(url);
      domains.add(registrableDomain(url.hostname));
    },
    isNear: (text) => starts.some(({ host }) => host === URL.parse(text)?.host),
  };
}

function folderOf(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/') + 1);
}
