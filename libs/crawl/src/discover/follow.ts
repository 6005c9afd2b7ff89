// From an answer to the addresses that a crawl goes on to: which of them belong to it, at what depth, and which are cut as traps.

import type { SitemapEntry } from '@gristmill/markup';
import { canonicalUrl, registrableDomain } from '@gristmill/text';
import type { ReadAnswer } from '../answer.ts';
import type { CrawlState } from '../crawl-state.ts';
import { isWanted, type CrawlPlan } from '../plan.ts';
import type { Refusal, Scope } from '../scope.ts';
import type { NewUrl, WaitingUrl } from '../url-table.ts';
import { readSitemap } from './read-sitemap.ts';
import { familiesOf, findTrap, withoutSession, type TrapRule } from './traps.ts';

export interface Following {
  readonly plan: CrawlPlan;
  readonly scope: Scope;
  readonly state: CrawlState;
  readonly now: () => number;
  readonly refusals: Partial<Record<Refusal, number>>;
  /** Seeds that lead out of the scope, and where they lead. */
  readonly strays: Map<string, string>;
  /** Origins whose sitemaps are still to be found in robots.txt. */
  readonly sitemapsOf: Set<string>;
}

/** Redirects that are followed from one address. */
const mostRedirects = 10;
/** Pages of a list, one after the other: a server that always gives a next one ends here. */
const mostListPages = 10_000;

/** New addresses from an answer, those of the scope alone. */
export async function followAnswer(run: Following, from: WaitingUrl, read: ReadAnswer): Promise<NewUrl[]> {
  const found = await leadsOf(run, from, read);
  if (found.length === 0 && read.entry.outcome !== 'fetched') return [];
  const admitted = found.flatMap((lead) => admit(run, lead, from.url) ?? []);
  if (read.entry.kind === undefined && read.entry.outcome === 'fetched')
    run.state.traps.note(from.url, read.words, () => leadsElsewhere(run, from.url, admitted));
  return admitted;
}

async function leadsOf(run: Following, from: WaitingUrl, read: ReadAnswer): Promise<NewUrl[]> {
  const { entry, links, listing, body } = read;
  const { id: via, depth, hops = 0, kind } = from;
  if (entry.location !== undefined) return followRedirect(run, from, entry.location);
  if (entry.kind === 'sitemap' && body) {
    const { pages, sitemaps } = await readSitemap(body);
    return [
      ...pages.flatMap((page) =>
        resolveAll([page.url], from.url).map((url) => ({ url, depth: 1, via, ...changeOf(page, run.now()) })),
      ),
      ...(hops < mostRedirects
        ? resolveAll(
            sitemaps.map(({ url }) => url),
            from.url,
          )
        : []
      ).map((url) => ({ url, depth: 0, hops: hops + 1, via, kind: 'sitemap' }) as const),
    ];
  }
  if (listing) {
    const documents = resolveAll(listing.documents, listing.base);
    const lists = hops < mostListPages ? resolveAll(listing.lists, listing.base) : [];
    return [
      ...documents.map((url) => ({ url, depth: depth + 1, via })),
      ...lists.map((url) => ({ url, depth, hops: hops + 1, via, ...listKind(run.plan) })),
    ];
  }
  return kind === undefined ? links.flatMap((lead) => leadOfPage(run.plan, from, lead)) : [];
}

const resolveAll = (links: readonly string[], base: string): string[] =>
  links.flatMap((link) => canonicalUrl(link, base) ?? []);

/** A date that lies ahead says nothing. */
function changeOf({ lastModified }: SitemapEntry, now: number): { changedAt?: number } {
  const changedAt = lastModified === undefined ? NaN : Date.parse(lastModified);
  return changedAt <= now ? { changedAt } : {};
}

/** Where feeds are documents, they are asked for as such. */
function listKind({ mediaTypes }: CrawlPlan): { kind?: 'feed' } {
  const isDocument = ['application/rss+xml', 'application/atom+xml'].some((type) =>
    isWanted(mediaTypes, type),
  );
  return isDocument ? {} : { kind: 'feed' };
}

function leadOfPage(
  plan: CrawlPlan,
  { id: via, depth }: WaitingUrl,
  { url, steps, isFeed }: ReadAnswer['links'][number],
): NewUrl[] {
  if (isFeed && !plan.feeds) return [];
  return [{ url, depth: depth + steps, via, ...(isFeed && listKind(plan)) }];
}

/** A seed takes the host along that it leads to, within its domain; where it leads elsewhere is told. */
function followRedirect(run: Following, from: WaitingUrl, location: string): NewUrl[] {
  const { id: via, depth, hops = 0, kind } = from;
  if (hops >= (kind === 'feed' ? mostListPages : mostRedirects)) return [];
  const isSeed = kind === undefined && depth === 0 && (from.via === undefined || hops > 0);
  if (isSeed && run.scope.refusal(location) === 'scope') {
    if (registrableDomain(location) === registrableDomain(from.url)) {
      run.scope.adopt(location);
      run.state.adopt(location);
    } else run.strays.set(from.url, location);
  }
  if (isSeed && run.plan.sitemaps && run.scope.isNear(location)) run.sitemapsOf.add(new URL(location).origin);
  return [{ url: location, depth, hops: hops + 1, via, ...(kind && { kind }) }];
}

/** The address as it is followed; undefined for one that does not belong, which is counted, and logged where it is a trap. */
export function admit(run: Following, lead: NewUrl, page?: string): NewUrl | undefined {
  const { plan, scope, state, refusals } = run;
  const refuse = (reason: Refusal): void => void (refusals[reason] = (refusals[reason] ?? 0) + 1);
  const cut = (url: string, rule: TrapRule): void => {
    refuse(rule);
    state.traps.log({ url, rule, via: lead.via });
  };
  const isNearList = lead.kind === 'sitemap' && scope.isNear(lead.url);
  const reason = lead.depth > plan.maxDepth ? 'depth' : isNearList ? undefined : scope.refusal(lead.url);
  if (reason) return void refuse(reason);
  if (!plan.traps) return lead;
  const plain = withoutSession(lead.url);
  if (plain !== undefined) cut(lead.url, 'session-id');
  const url = plain ?? lead.url;
  const rule = findTrap(new URL(url), run.now()) ?? (lead.kind ? undefined : state.traps.cutOf(url, page));
  if (rule) return void cut(url, rule);
  return plain === undefined ? lead : { ...lead, url };
}

/** Whether a page leads to an address that was not known, of another path than its own. */
function leadsElsewhere({ state }: Following, page: string, found: readonly NewUrl[]): boolean {
  const own = familiesOf(page).at(-1);
  return found.some(({ url }) => familiesOf(url).at(-1) !== own && !state.isKnown(url));
}
