import { describe, expect, it } from 'vitest';
import { buildUrlLists, decodeUrlLists, encodeUrlLists, findBlockedUrl } from '@gristmill/detect';

const files = [
  {
    category: 'adult',
    content: '# hosts file\n127.0.0.1 localhost\n0.0.0.0 bad.example # why\n0.0.0.0\tworse.example\n',
  },
  {
    category: 'spam',
    content:
      '! Adblock\n||spam.example^\n||shop.example/offers^$third-party\n@@||good.example^\n||*.wild.example^\n##.banner\n',
  },
  { category: 'gambling', content: 'casino.example\nhttp://www.Host.example/Games/\nbücher.example\n' },
];
const lists = decodeUrlLists(encodeUrlLists(buildUrlLists(files)));
const category = (url: string) => findBlockedUrl(lists, url);

describe('URL lists', () => {
  it.each([
    ['https://bad.example/', 'adult'],
    ['http://www.worse.example:8080/a?b', 'adult'],
    ['https://a.b.bad.example/page', 'adult'],
    ['https://spam.example/x', 'spam'],
    ['https://shop.example/offers/today', 'spam'],
    ['https://casino.example', 'gambling'],
    ['http://host.example/Games/poker', 'gambling'],
    ['http://xn--bcher-kva.example/', 'gambling'],
  ])('finds %s in the list %s', (url, name) => {
    expect(category(url)).toBe(name);
  });

  it.each([
    'https://notbad.example/',
    'https://example/',
    'https://shop.example/',
    'https://shop.example/offersandmore',
    'http://host.example/games',
    'https://good.example/',
    'https://x.wild.example/',
    'http://localhost/',
    'no address',
  ])('leaves %s alone', (url) => {
    expect(category(url)).toBeUndefined();
  });

  it('has the same bytes in any order of files', () => {
    expect(encodeUrlLists(buildUrlLists([...files].reverse()))).toEqual(encodeUrlLists(buildUrlLists(files)));
  });

  it('refuses an empty list and damaged bytes', () => {
    expect(() => buildUrlLists([{ category: 'x', content: '# nothing\n' }])).toThrow(/no entry/);
    expect(() => decodeUrlLists(encodeUrlLists(lists).subarray(0, 60))).toThrow(/damaged/);
  });
});
