// Addresses that a site makes up without end, told by rules that one can read. Here are those that look at an address alone;
// what its pages bring is counted beside the database (trap-table.ts).

import { hash } from 'node:crypto';

/** Why an address is cut, also in the log of cuts. */
export type TrapRule =
  /** More than 2,000 characters. */
  | 'url-too-long'
  /** More than 25 segments. */
  | 'path-too-deep'
  /** A run of segments that follows itself twice: /a/b/a/b/a/b. */
  | 'path-repeats'
  /** Names a session: the same address without it is followed instead. */
  | 'session-id'
  /** Names a day more than two years ahead: nothing was written on it. */
  | 'far-date'
  /** The parameters of an address that is known, in another order. */
  | 'permuted-parameters'
  /**
   * Linked from a page of its own family (calendar, parameters, folders that come again), of which the last pages said
   * nothing that the site had not said, and led nowhere else.
   */
  | 'nothing-new';

const longestUrl = 2_000;
const mostSegments = 25;
const mostRepeats = 3;
const farYears = 2;

/** By the form of an address alone. */
export function findTrap(url: URL, now: number): TrapRule | undefined {
  if (url.href.length > longestUrl) return 'url-too-long';
  const segments = url.pathname.split('/').filter(Boolean);
  if (segments.length > mostSegments) return 'path-too-deep';
  if (hasLoop(segments)) return 'path-repeats';
  return isFarDate(url, now) ? 'far-date' : undefined;
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

const yearParameter = /^(?:y|yr|year|month|d|day|date|week|from|start)$/i;

/** /2031/05, /2031-05-01, ?year=2031: the year stands at the end of the path, with at most month and day behind it, or is a parameter. */
function isFarDate({ pathname, search, searchParams }: URL, now: number): boolean {
  const most = new Date(now).getUTCFullYear() + farYears;
  const isFar = (year: string | undefined): boolean => Number(year) > most;
  const inPath = /\/(2\d{3})(?:[-/](?:0?[1-9]|1[0-2])(?:[-/]\d{1,2})?)\/?$/.exec(pathname);
  if (inPath && isFar(inPath[1])) return true;
  if (search === '') return false;
  for (const [name, value] of searchParams) {
    if (yearParameter.test(name) && isFar(/^(2\d{3})(?:$|-\d{1,2}(?:-\d{1,2})?$)/.exec(value)?.[1]))
      return true;
  }
  return false;
}

/** Names that servers and shops give to sessions; short names count with values that are random alone. */
const sessionName =
  /^(?:jsessionid|phpsessid|phpsession|aspsessionid\w{0,20}|asp\.net_sessionid|session_?id|sess_?id|cfid|cftoken|zenid|oscsid|xtcsid|osc_?sid)$/i;
const shortName = /^(?:sid|session|sess|s)$/i;
const randomValue = /^(?=[a-z]*\d)[\da-z]{16,128}$|^[\da-f-]{32,40}$/i;
const mixedValue = /^(?=[a-z]*\d)(?=\d*[a-z])[\da-z]{6,128}$/i;

/** The address without what names a session: in parameters, and behind `;` in the path. Undefined where there is none. */
export function withoutSession(url: string): string | undefined {
  if (!/[;?&]/.test(url)) return undefined;
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const pairs = at < 0 ? [] : url.slice(at + 1).split('&');
  const isSession = (pair: string): boolean => {
    const [name, value = ''] = pair.split('=', 2);
    return (
      sessionName.test(name) ||
      (shortName.test(name) && (name.length === 1 ? randomValue : mixedValue).test(value))
    );
  };
  const kept = pairs.filter((pair) => !isSession(pair));
  const plain = path
    .split('/')
    .map((segment) =>
      segment
        .split(';')
        .filter((part, index) => index === 0 || !isSession(part))
        .join(';'),
    )
    .join('/');
  const made = kept.length === 0 ? plain : `${plain}?${kept.join('&')}`;
  return made === url ? undefined : made;
}

/** The same for addresses whose parameters differ in their order alone; undefined for less than two of them. */
export function parameterKey(url: string): number | undefined {
  const at = url.indexOf('?');
  if (at < 0) return undefined;
  const pairs = url.slice(at + 1).split('&');
  return pairs.length < 2 ? undefined : hashOf(`${url.slice(0, at)}?${pairs.sort().join('&')}`);
}

/**
 * The families of an address, narrow ones first: those that a site can make up without end, alone. Dates at the end of a
 * path or in parameters, folders that come again in a path, equal but for digits, in whatever order, and two parameters or
 * more; numbers and values stand for each other, and in the wider family of a path parameters altogether. A page with one
 * number is in none.
 */
export function familiesOf(url: string): readonly number[] {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const form = formOfPath(path);
  if (at < 0) return form === undefined ? [] : [hashOf(form)];
  const names = new Set(
    url
      .slice(at + 1)
      .split('&')
      .map((pair) => pair.split('=', 1)[0]),
  );
  const isMadeUp =
    form !== undefined || names.size > 1 || [...names].some((name) => dateParameter.test(name));
  if (!isMadeUp) return [];
  const start = form ?? path;
  return [hashOf(`${start}?${[...names].sort().join('&')}`), hashOf(`${start}?`)];
}

const dateParameter = /^(?:y|yr|year|m|month|d|day|date|week|from|start)$/i;
/** Of what is named behind it, as blogs do. */
const dateInside = /\/[12]\d{3}\/\d{1,2}(?:\/\d{1,2})?(?=\/)/;
const dateAtEnd = /\/[12]\d{3}(?:[-/]\d{1,2}){1,2}\/?$/;

/** Undefined for a path that neither ends in a date nor has two folders that are equal but for digits. */
function formOfPath(path: string): string | undefined {
  if (/\d/.test(path) && dateAtEnd.test(path)) return path.replace(dateAtEnd, '/#');
  const [, , host, ...folders] = path.replace(dateInside, '').split('/');
  if (folders.length < 2) return undefined;
  const shapes = folders.filter(Boolean).map((folder) => folder.replace(/\d+/g, '#'));
  const distinct = new Set(shapes);
  return distinct.size < shapes.length ? `//${host}/${[...distinct].sort().join('/')}` : undefined;
}

/** 48 bits: exact as a number, and too many for two of one site to meet by chance. */
export function hashOf(text: string): number {
  return hash('sha256', text, 'buffer').readUIntBE(0, 6);
}
