import { createRandom } from '@gristmill/core';
import { expect, test } from 'vitest';
import {
  applyReading,
  readStatements,
  refusalsOf,
  type HostReading,
  type ReadFile,
  type Statement,
} from '@gristmill/consent';

const origin = 'https://a.example';
const url = `${origin}/page`;
const robotsUrl = `${origin}/robots.txt`;
const tdmUrl = `${origin}/.well-known/tdmrep.json`;
const no = { robots: 'User-agent: *\nDisallow: /page', tdmrep: '[{"location":"/*","tdm-reservation":1}]' };
const yes = { robots: 'User-agent: *\nDisallow: /other', tdmrep: '[{"location":"/*","tdm-reservation":0}]' };
const day = (number: number) => `2026-11-${String(number).padStart(2, '0')}T00:00:00.000Z`;

/** As a crawl had them on a day. */
const fetched = (
  on: number,
  files: { robots?: string; tdmrep?: string } = {},
  headers: [string, string][] = [],
) =>
  readStatements(
    {
      ...{ url, fetchedAt: day(on), headers },
      ...(files.robots !== undefined && { robots: { url: robotsUrl, text: files.robots } }),
      ...(files.tdmrep !== undefined && { tdmrep: { url: tdmUrl, text: files.tdmrep } }),
    },
    { agent: 'gristmill' },
  );
const reading = (...files: ReadFile[]): HostReading => ({ origin, agent: 'gristmill', files });
const robots = (on: number, text?: string): ReadFile => ({
  ...{ kind: 'robots', url: robotsUrl, fetchedAt: day(on) },
  ...(text !== undefined && { text }),
});
const tdmrep = (on: number, text?: string): ReadFile => ({
  ...robots(on, text),
  kind: 'tdmrep',
  url: tdmUrl,
});
const apply = (own: readonly Statement[], read: HostReading, on?: number) =>
  applyReading(own, { url, ...(on !== undefined && { fetchedAt: day(on) }) }, read);

test('a later no counts, and what was said before stays as evidence', () => {
  const own = fetched(1, yes);
  const now = apply(own, reading(robots(2, no.robots)), 1);
  expect(refusalsOf(now)).toEqual(['robots']);
  expect(now.filter(({ outdated }) => outdated).map(({ protocol }) => protocol)).toEqual(['robots']);
  expect(now.filter(({ later }) => later)).toMatchObject([{ fetchedAt: day(2), verdict: 'deny', rule: 2 }]);
});

test('a later yes counts as well, and so does a file that is gone', () => {
  const own = fetched(1, no);
  expect(refusalsOf(own)).toEqual(['robots', 'tdmrep']);
  expect(refusalsOf(apply(own, reading(robots(2, yes.robots), tdmrep(2)), 1))).toEqual([]);
  expect(refusalsOf(apply(own, reading(robots(2)), 1))).toEqual(['tdmrep']);
});

test('a reading that is older than the document, or says the same of it, changes nothing', () => {
  const own = fetched(5, yes);
  expect(apply(own, reading(robots(4, no.robots), tdmrep(4, no.tdmrep)), 5)).toEqual(own);
  expect(apply(own, reading(robots(6, yes.robots)), 5)).toEqual(own);
  // Other lines of the file are of no concern.
  expect(apply(own, reading(robots(6, `${yes.robots}\n# changed`)), 5)).toEqual(own);
  expect(apply([], reading(robots(6), tdmrep(6)), 5)).toEqual([]);
});

test('what the document says of itself supersedes what its host says later', () => {
  const own = fetched(1, {}, [['tdm-reservation', '0']]);
  const now = apply(own, reading(tdmrep(2, no.tdmrep)), 1);
  expect(refusalsOf(now)).toEqual([]);
  expect(now.find(({ later }) => later)?.superseded).toBe(true);
});

test('the date of a word is that of the first reading that had it', () => {
  const said = { ...robots(9, no.robots), since: day(3) };
  expect(apply([], reading(said)).map(({ fetchedAt }) => fetchedAt)).toEqual([day(3)]);
  // It is the newest that is compared.
  expect(refusalsOf(apply(fetched(5, yes), reading(said), 5))).toEqual(['robots']);
});

test('readings one after the other are as the last one', () => {
  const random = createRandom(3);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  for (let round = 0; round < 200; round++) {
    const on = 1 + Math.floor(random() * 9);
    const own = fetched(on, pick([yes, no, {}]), pick([[], [['tdm-reservation', pick(['0', '1'])]]]));
    const read = () => {
      const at = 1 + Math.floor(random() * 9);
      return reading(
        robots(at, pick([yes.robots, no.robots, undefined])),
        tdmrep(at, pick([yes.tdmrep, no.tdmrep, undefined])),
      );
    };
    const [first, last] = [read(), read()];
    const once = apply(own, last, on);
    expect(apply(once, last, on)).toEqual(once);
    expect(apply(apply(own, first, on), last, on)).toEqual(once);
  }
});
