// Patterns over paths as robots.txt has them (RFC 9309 §2.2.2): from the first character, `*` is any run, a final `$` the
// path's end. Both sides are compared with their escapes resolved, so that one address has one spelling.

import { matchesPattern } from './robots-match.ts';

/** Path, parameters and query of a URL as written; `/` where there are none. The fragment is dropped. */
export function pathOf(url: string): string {
  const withoutFragment = url.split('#', 1)[0];
  const afterScheme = withoutFragment.replace(/^(?:[^/?;]*?:)?\/\//, '');
  const start = afterScheme.search(/[/?;]/);
  if (start < 0) return '/';
  const path = afterScheme.slice(start);
  return path.startsWith('/') ? path : `/${path}`;
}

/** Whether a location matches the address, in either spelling of its escapes. */
export function matchesPath(url: string, pattern: string): boolean {
  return matchesPattern(resolveEscapes(pathOf(url)), resolveEscapes(pattern));
}

/** As `matchesPath` for patterns that may be whole addresses, as in RSL; an address of another host matches nothing. */
export function matchesAddress(url: string, pattern: string): boolean {
  const absolute = /^(https?:)?\/\/([^/?#]*)/i.exec(pattern);
  if (!absolute) return matchesPath(url, pattern);
  const page = URL.parse(url);
  if (page?.host !== absolute[2].toLowerCase()) return false;
  if (absolute[1] && page.protocol !== absolute[1].toLowerCase()) return false;
  return matchesPath(url, pattern.slice(absolute[0].length) || '/');
}

/** Escapes of printable ASCII become the character, except those that would change what a pattern or path means. */
function resolveEscapes(text: string): string {
  return text
    .replace(/[^\x21-\x7e]+/g, (other) => encodeURIComponent(other.toWellFormed()))
    .replace(/%[0-9a-fA-F]{2}/g, (escape) => {
      const character = String.fromCharCode(parseInt(escape.slice(1), 16));
      return /[!-~]/.test(character) && !/[%*$/?#;]/.test(character) ? character : escape.toUpperCase();
    });
}
