// Rules against addresses that a site makes up without end.
import { describe, expect, test } from 'vitest';
import { parseHtml } from '@gristmill/markup';
// Internals: what a rule says of an address is worth a table, and no command shows it alone.
import { hashWords } from '../../libs/crawl/src/discover/page-words.ts';
import { familiesOf, findTrap, parameterKey, withoutSession } from '../../libs/crawl/src/discover/traps.ts';

const now = Date.UTC(2026, 11, 1);
const site = 'https://a.example';

test.each([
  [`/${'x'.repeat(2000)}`, 'url-too-long'],
  [`/${'x/'.repeat(26)}`, 'path-too-deep'],
  ['/a/b/a/b/a/b', 'path-repeats'],
  ['/a/b/a/b/c', undefined],
  ['/calendar/2029/05', 'far-date'],
  ['/calendar/2029-05-17/', 'far-date'],
  ['/calendar/2028/05', undefined],
  ['/2029/05/a-story', undefined],
  ['/items/2999', undefined],
  ['/events?year=2031&m=5', 'far-date'],
  ['/events?date=2031-05-01', 'far-date'],
  ['/events?id=2031', undefined],
])('%s: %s', (path, rule) => {
  expect(findTrap(new URL(site + path), now)).toBe(rule);
});

test.each([
  ['/a;jsessionid=12AB?x=1', '/a?x=1'],
  ['/a?PHPSESSID=1&x=2', '/a?x=2'],
  ['/a?sid=0123456789abcdef0123456789abcdef', '/a'],
  ['/a?sid=12', undefined],
  ['/a?sid=ab12cd', '/a'],
  ['/a?s=search', undefined],
  ['/a;v=1.1/b', undefined],
])('without its session %s is %s', (path, plain) => {
  expect(withoutSession(site + path)).toBe(plain && site + plain);
});

test('an order of parameters is told from another value', () => {
  const key = (query: string) => parameterKey(`${site}/list?${query}`);
  expect(key('a=1&b=2&c=3')).toBe(key('c=3&a=1&b=2'));
  expect(key('a=1&b=2')).not.toBe(key('a=1&b=3'));
  expect(key('a=1')).toBeUndefined();
});

test('families hold addresses that are equal but for numbers and values', () => {
  const family = (path: string) => familiesOf(site + path);
  expect(family('/cal/2024/05')).toEqual(family('/cal/1999-12-01'));
  expect(family('/deep/x1/up/x2')).toEqual(family('/up/x33/deep/x4/x5'));
  expect(family('/list?a=1&b=2')).toEqual(family('/list?b=9&a=7'));
  expect(family('/list?a=1&b=2')[1]).toBe(family('/list?year=1')[1]);
  for (const path of [
    '/about',
    '/page/7',
    '/item?id=7',
    '/2024/05/a-story-of-one',
    '/a-1-day/b-2-day',
    '/users/7/posts',
  ])
    expect(family(path), path).toEqual([]);
});

describe('what pages say', () => {
  const say = (body: string) => hashWords(parseHtml(`<title>t</title><body>${body}`));

  test('is the same for months, orders, numbers and links, and another for other words', () => {
    const month = (name: string, year: number) =>
      `<h1>${name} ${year}</h1>No events. <a href=x>Next: ${name}</a>`;
    expect(say(month('May', 2024))).toBe(say(month('Februar', 1999)));
    expect(say('<li>pear<li>apple')).toBe(say('<li>Apple<li>pear'));
    expect(say('No events.')).not.toBe(say('One event.'));
  });
});
