// Patterns over paths as robots.txt has them (RFC 9309 §2.2.2): from the first character, `*` is any run, a final `$` the
// path's end. TDMRep and RSL match with the escapes of both sides resolved, so that one address has one spelling.

/** Path, parameters and query of a URL as written; `/` where there are none. The fragment is dropped. */
export function pathOf(url: string): string {
  const withoutFragment = url.split('#', 1)[0];
  const afterScheme = withoutFragment.replace(/^(?:[^/?;]*?:)?\/\//, '');
  const start = afterScheme.search(/[/?;]/);
  if (start < 0) return '/';
  const path = afterScheme.slice(start).replace(/%[0-9a-fA-F]{2}/g, (escape) => escape.toUpperCase());
  return path.startsWith('/') ? path : `/${path}`;
}

/**
 * Whether the pattern matches a beginning of the path; `*` is any run and a final `$` the path's end. Takes the
 * leftmost place for each piece between stars, which is enough, so the work is bounded by path × pattern.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  const anchored = pattern.endsWith('$');
  const pieces = (anchored ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(pieces[0])) return false;
  let at = pieces[0].length;
  if (pieces.length === 1) return !anchored || at === path.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  const last = pieces[pieces.length - 1];
  if (anchored) return path.length - last.length >= at && path.endsWith(last);
  return path.indexOf(last, at) >= 0;
}

/** Whether a location matches the address, whatever the spelling of their escapes. */
export function matchesPath(url: string, pattern: string): boolean {
  // A file has many patterns for one address.
  if (held.url !== url) held = { url, path: unescapeAll(pathOf(url)) };
  return matchesPattern(held.path, unescapeAll(pattern));
}

let held: { readonly url: string | undefined; readonly path: string } = { url: undefined, path: '' };

/** As `matchesPath` for patterns that may be whole addresses, as in RSL; an address of another host matches nothing. */
export function matchesAddress(url: string, pattern: string): boolean {
  const absolute = /^(https?:)?\/\/([^/?#]*)/i.exec(pattern);
  if (!absolute) return matchesPath(url, pattern);
  const page = URL.parse(url);
  if (page?.host !== absolute[2].toLowerCase()) return false;
  if (absolute[1] && page.protocol !== absolute[1].toLowerCase()) return false;
  return matchesPath(url, pattern.slice(absolute[0].length) || '/');
}

/** All escapes, but those of characters that would change what a path or a pattern means. */
export function unescapeAll(text: string): string {
  return unescape(text, /[^%*$/?#]/, /[^%*$#]/);
}

/** Escapes of printable ASCII that match become the character, in the path and in the query; others are escaped. */
export function unescape(text: string, inPath: RegExp, inQuery: RegExp): string {
  const query = text.indexOf('?');
  const escaped = text.replace(/[^\x21-\x7e]+/g, (other) => encodeURIComponent(other.toWellFormed()));
  return escaped.replace(/%[0-9a-fA-F]{2}/g, (escape, at: number) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    const isKept = query >= 0 && at > query ? inQuery : inPath;
    return /[!-~]/.test(character) && isKept.test(character) ? character : escape.toUpperCase();
  });
}
