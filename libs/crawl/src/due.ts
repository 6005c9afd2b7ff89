// When a page is to be asked for again, from how often it was found changed: a page that changes is asked for as often as it
// seems to change, one that stays ever more seldom.

export interface Visits {
  /** When it was first and last looked at, in milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** Looks after the first one, and how many of them found something else. */
  readonly checks: number;
  readonly changes: number;
}

const hour = 3_600_000;
const day = 24 * hour;
const shortest = hour;
const longest = 90 * day;

/**
 * Milliseconds from the last look to the next one: a change's expected time, from an hour to 90 days; a day for a page that
 * was looked at once. The rate is estimated as in Cho and Garcia-Molina, "Estimating frequency of change" (2003), section
 * 4.2: −ln((n − X + .5) / (n + .5)) / I for X changes in n looks at intervals I, which is defined where all or none changed.
 */
export function recheckAfter({ first, last, checks, changes }: Visits): number {
  if (checks === 0) return day;
  const interval = Math.max(1, (last - first) / checks);
  const rate = -Math.log((checks - changes + 0.5) / (checks + 0.5)) / interval;
  // None of n looks found a change: it may come at any later time, so the pause doubles.
  if (changes === 0) return bounded(2 * Math.max(last - first, interval));
  return bounded(1 / rate);
}

const bounded = (milliseconds: number): number => Math.min(longest, Math.max(shortest, milliseconds));

export function isDue(visits: Visits, now: number): boolean {
  return now - visits.last >= recheckAfter(visits);
}
