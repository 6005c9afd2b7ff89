import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { crawlDelayFor, matchRobots, parseRobots, robotsByteLimit } from '@gristmill/consent';

interface Case {
  readonly file: string;
  readonly robotstxt: string;
  readonly expect: readonly { url: string; agent: string; allowed: boolean }[];
}

const data = '../shared/data/robots-spec/correctness.json';
const decide = (robots: string, url: string, agent = 'gristmill') =>
  matchRobots(parseRobots(robots), agent, `https://a.example${url}`);

describe("Google's own expectations", () => {
  test.skipIf(!existsSync(data))('all 146 are met (the data set lies beside the project)', () => {
    const cases = JSON.parse(readFileSync(data, 'utf8')) as Case[];
    const results = cases.flatMap(({ robotstxt, expect: expected }) =>
      expected.map((entry) => ({
        ...entry,
        robotstxt,
        got: matchRobots(parseRobots(robotstxt), entry.agent, entry.url).allowed,
      })),
    );
    expect(results.filter(({ allowed, got }) => allowed !== got)).toEqual([]);
    expect(results.length).toBe(146);
  });
});

describe('the rule that decides', () => {
  test('is the longest, and its line is told', () => {
    const robots = 'User-agent: *\nDisallow: /a\n\nAllow: /a/b\n# nothing\nDisallow: /a/b/c\n';
    expect(decide(robots, '/a/x')).toEqual({ allowed: false, line: 2 });
    expect(decide(robots, '/a/b')).toEqual({ allowed: true, line: 4 });
    expect(decide(robots, '/a/b/cc')).toEqual({ allowed: false, line: 6 });
    expect(decide(robots, '/z')).toEqual({ allowed: true });
  });

  test('is the Allow when both are equally long', () => {
    expect(decide('User-agent: *\nDisallow: /page\nAllow: /page', '/page')).toEqual({
      allowed: true,
      line: 3,
    });
  });

  test('is counted in lines that end in LF, CR or CRLF', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const robots = ['User-agent: *', '', 'Disallow: /x'].join(end);
      expect(decide(robots, '/x')).toEqual({ allowed: false, line: 3 });
    }
  });

  test('is none when Disallow is empty', () => {
    expect(decide('User-agent: *\nDisallow:', '/x')).toEqual({ allowed: true });
  });

  test.each([
    ['/%7Eprivate/', '/~private/x'],
    ['/~private/', '/%7Eprivate/x'],
    ['/%7eprivate/', '/%7Eprivate/x'],
    ['/priv%61te/', '/private/x'],
    ['/private/', '/%70rivate/x'],
    ['/a*b', '/%61-%62'],
    ['/x%2Dy$', '/x-y'],
    ['/a%2Fb', '/a%2fb'],
    ['/%C3%A9t%c3%a9', '/été'],
    ['/été', '/%C3%A9t%C3%A9/'],
    ['/q?u=http://b.example', '/q?u=http%3A%2F%2Fb.example'],
    ['/q?u=http%3A%2F%2Fb.example', '/q?u=http://b.example'],
    ['/a b', '/a%20b'],
    ['/(x)', '/%28x%29'],
    ['/a;b', '/a%3Bb'],
    ['/file-with-a-%2A.html', '/file-with-a-*.html'],
    ['/file-with-a-%2a.html', '/file-with-a-%2A.html'],
    ['/foo-%24', '/foo-$'],
    ['/foo-$x', '/foo-$x'],
    ['/*%2a$', '/a*'],
    ['/ツ', '/%E3%83%84'],
    ['/{x}|^', '/%7bx%7d%7C%5E'],
    ['/s?q=%7E', '/s?q=~'],
  ])('of %s forbids %s, whichever of them is escaped', (rule, path) => {
    expect(decide(`User-agent: *\nDisallow: ${rule}`, path)).toEqual({ allowed: false, line: 2 });
  });

  test('does not take an escaped slash, star or dollar for the character', () => {
    const robots = 'User-agent: *\nDisallow: /a/b\nDisallow: /c%2Ad\nDisallow: /e%24\n';
    for (const path of ['/a%2Fb', '/cxd', '/e']) expect(decide(robots, path).allowed).toBe(true);
    const allow = 'User-agent: *\nDisallow: /\nAllow: /a$b\nAllow: /c%2Ad';
    for (const path of ['/a$b', '/c*d']) expect(decide(allow, path).allowed).toBe(true);
    expect(decide('User-agent: *\nDisallow: /\nAllow: /%7Ejoe/', '/~joe/x').allowed).toBe(false);
    expect(decide('User-agent: *\nDisallow: /\nAllow: /~joe/', '/~joe/x').allowed).toBe(true);
  });

  test('is that of an index page for its folder', () => {
    const robots = 'User-agent: *\nAllow: /docs/index.html\nDisallow: /';
    expect(decide(robots, '/docs/')).toEqual({ allowed: true, line: 2 });
    expect(decide(robots, '/docs/x')).toEqual({ allowed: false, line: 3 });
  });
});

describe('groups', () => {
  test('for the same agent are merged, wherever they stand', () => {
    const robots =
      'User-agent: gristmill\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: GristMill/2\nDisallow: /b';
    expect(decide(robots, '/a').allowed).toBe(false);
    expect(decide(robots, '/b').allowed).toBe(false);
    expect(decide(robots, '/c').allowed).toBe(true);
  });

  test('are not ended by Sitemap, Crawl-delay or unknown records', () => {
    const robots =
      'User-agent: *\nSitemap: https://a.example/s.xml\nCrawl-delay: 2.5\nFoo: bar\nDisallow: /a';
    expect(decide(robots, '/a').allowed).toBe(false);
    expect(parseRobots(robots).sitemaps).toEqual(['https://a.example/s.xml']);
    expect(crawlDelayFor(parseRobots(robots), 'gristmill')).toBe(2.5);
  });

  test('that name the agent replace those for everybody', () => {
    const robots = 'User-agent: *\nDisallow: /\n\nUser-agent: gristmill\nDisallow: /b';
    expect(decide(robots, '/a').allowed).toBe(true);
    expect(decide(robots, '/a', 'other').allowed).toBe(false);
    expect(decide(robots, '/b', 'gristmill/1.0')).toEqual({ allowed: false, line: 5 });
  });
});

test('octets mean the same escaped, in lower case, or written out', () => {
  for (const rule of ['/%e3%83%84', '/%E3%83%84', '/ツ']) {
    expect(decide(`User-agent: *\nDisallow: ${rule}`, '/%E3%83%84').allowed).toBe(false);
  }
  const latin1 = Buffer.from('User-agent: *\nDisallow: /caf\xe9', 'latin1');
  expect(matchRobots(parseRobots(latin1), 'x', 'https://a.example/caf%E9').allowed).toBe(false);
});

test('what lies beyond 500 KiB is not read', () => {
  const filler = '#'.repeat(robotsByteLimit - 40);
  const before = `User-agent: *\nDisallow: /a\n${filler}`;
  expect(decide(`${before}\nDisallow: /b\n${'x'.repeat(100)}`, '/a').allowed).toBe(false);
  expect(decide(`${before}${'#'.repeat(60)}\nDisallow: /b\n`, '/b').allowed).toBe(true);
});

test('any bytes are a robots.txt, and a thousand stars cost no more than their length', () => {
  const random = createRandom(7);
  const words = [
    'User-agent',
    'Disallow',
    'Allow',
    ':',
    ' ',
    '*',
    '$',
    '/',
    '\n',
    '\r',
    '%',
    '#',
    '\u0000',
    'é',
    'Sitemap',
  ];
  for (let round = 0; round < 500; round++) {
    const text = Array.from({ length: 40 }, () => words[Math.floor(random() * words.length)]).join('');
    const url = Array.from({ length: 8 }, () => words[Math.floor(random() * words.length)]).join('');
    expect(typeof decide(text, url).allowed).toBe('boolean');
    const bytes = Uint8Array.from({ length: 60 }, () => random() * 256);
    expect(typeof matchRobots(parseRobots(bytes), '*', url).allowed).toBe('boolean');
  }
  const pattern = `/${'a*'.repeat(1000)}b$`;
  expect(decide(`User-agent: *\nDisallow: ${pattern}`, `/${'a'.repeat(5000)}`).allowed).toBe(true);
});
