// One spelling for one address: WHATWG parsing, then the rewritings that RFC 3986 §6 calls safe, then the removal of
// parameters that only record how a visitor came. It names documents and frontier entries; what is fetched may be the
// link as written. Parameters keep their order (order may carry meaning), `www.` and a final slash stay.

import { getDomain } from 'tldts';

// Campaign and click identifiers of the large advertising and mailing systems: they never change what a server answers.
const trackingParameter =
  /^(?:utm_[a-z_]{1,40}|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|vero_id|oly_anon_id|oly_enc_id|srsltid)$/i;

/**
 * The canonical form of an http(s) URL: host in lower case and punycode, no default port, no fragment, no user name or
 * password, dot segments resolved, percent escapes in upper case and only where needed, no tracking parameters, no
 * empty query. Idempotent.
 * @param base resolves a relative link
 * @returns undefined for what is no http or https URL
 * @example canonicalUrl('HTTP://Example.ORG:80/a/../%7euser?utm_source=x#top') // 'http://example.org/~user'
 */
export function canonicalUrl(url: string, base?: string): string | undefined {
  const parsed = URL.parse(url, base);
  if (!parsed || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return undefined;
  parsed.hash = '';
  parsed.username = '';
  parsed.password = '';
  const origin = `${parsed.protocol}//${parsed.host}`;
  return origin + normalizeEscapes(parsed.pathname) + canonicalQuery(parsed.search);
}

function canonicalQuery(search: string): string {
  if (search.length < 2) return '';
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => !trackingParameter.test(pair.split('=', 1)[0]));
  const query = kept.join('&');
  return query === '' ? '' : `?${normalizeEscapes(query)}`;
}

/** Upper-case hex digits, and no escape for the unreserved characters of RFC 3986 §2.3. */
function normalizeEscapes(part: string): string {
  if (!part.includes('%')) return part;
  return part.replace(/%[0-9a-f]{2}/gi, (escape, at: number) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    // `%2` before an escaped digit must not become a new escape, so an escape just after a bare `%` stays.
    const follows = part[at - 1] === '%' || part[at - 2] === '%';
    if (/[A-Za-z0-9_~-]/.test(character) && !follows) return character;
    return escape.toUpperCase();
  });
}

/**
 * The domain that somebody registered, by the public suffix list with its private section: `a.b.co.uk` → `b.co.uk`,
 * `me.github.io` → itself. An IP address or a host without a public suffix is its own domain.
 * @param urlOrHost a URL or a host name
 * @returns undefined when there is no host
 */
export function registrableDomain(urlOrHost: string): string | undefined {
  const host = urlOrHost.includes('/') ? URL.parse(urlOrHost)?.hostname : urlOrHost.toLowerCase();
  if (!host) return undefined;
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}
