// Where a site's RSL licence lies: the License lines of robots.txt (those of our group replace the global ones), a Link
// header, a link element of the page.

import { groupsFor } from './robots-match.ts';
import type { Robots } from './robots.ts';

export interface LicenceSources {
  /** Resolves relative addresses. */
  readonly url: string;
  readonly agent: string;
  readonly robots?: Robots;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** `link` elements of the page. */
  readonly links?: readonly { readonly rel: string; readonly href: string; readonly type?: string }[];
}

const mediaType = 'application/rsl+xml';

/** Absolute addresses, each once, in the order in which they were found. */
export function licenceLinks({ url, agent, robots, headers = [], links = [] }: LicenceSources): string[] {
  const found = [
    ...(robots ? robotsLicences(robots, agent) : []),
    ...headers
      .filter(([name]) => name.toLowerCase() === 'link')
      .flatMap(([, value]) => headerLicences(value)),
    ...links
      .filter(({ rel, type }) => isLicence(rel) && type?.trim().toLowerCase() === mediaType)
      .map(({ href }) => href),
  ];
  const absolute = found.flatMap(
    (link) => (URL.parse(link.trim(), url) ?? URL.parse(link.trim()))?.href ?? [],
  );
  return [...new Set(absolute.filter((link) => /^https?:/.test(link)))];
}

function robotsLicences(robots: Robots, agent: string): string[] {
  const values = (notes: Robots['notes']) =>
    notes.filter(({ kind }) => kind === 'license').map(({ value }) => value);
  const own = groupsFor(robots, agent).flatMap(({ notes }) => values(notes));
  return own.length > 0 ? own : values(robots.notes);
}

/** RFC 8288: `<URL>; rel="license"; type="application/rsl+xml"`, several in one field. */
function headerLicences(field: string): string[] {
  const found: string[] = [];
  for (const [, link, parameters] of field.matchAll(/<([^<>]*)>([^<]*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    const type = /;\s*type\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    const value = (match: RegExpExecArray | null) => match?.[1] ?? match?.[2] ?? '';
    if (isLicence(value(rel)) && value(type).toLowerCase() === mediaType) found.push(link);
  }
  return found;
}

const isLicence = (rel: string) => rel.toLowerCase().split(/\s+/).includes('license');
