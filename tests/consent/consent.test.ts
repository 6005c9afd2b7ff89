import { describe, expect, test } from 'vitest';
import {
  decideConsent,
  licenceLinks,
  permissionsOf,
  refusalsOf,
  parseRobots,
  readConsent,
  trainingAgents,
  type Observed,
  type Reader,
} from '@gristmill/consent';

const page = 'https://a.example/news/page.html';
const reader: Reader = { agent: 'gristmill' };
const resultOf = (observed: Partial<Observed>, changes: Partial<Reader> = {}) =>
  readConsent({ url: page, fetchedAt: '2026-11-20T00:00:00Z', ...observed }, { ...reader, ...changes })
    .result;
const header = (name: string, ...values: string[]) => ({
  headers: values.map((value) => [name, value] as const),
});
const robots = (...lines: string[]) => ({ robots: { text: lines.join('\n') } });

test('nothing said is unknown, and being let in by robots.txt is no permission', () => {
  expect(resultOf({})).toBe('unknown');
  expect(resultOf(robots('User-agent: *', 'Allow: /'))).toBe('unknown');
  expect(resultOf(robots('User-agent: *', 'Disallow: /news/'))).toBe('deny');
});

// The cases that the drafts of AIPREF print, and RFC 9651's rules for a dictionary.
describe('Content-Usage', () => {
  const cases: [value: string, result: string][] = [
    ['train-ai=n', 'deny'],
    ['train-ai=y', 'allow'],
    ['train-ai=y, train-ai, search=n, search="n"', 'unknown'],
    ['train-ai;allow=n, train-ai=y', 'allow'],
    ['train-ai="n"', 'unknown'],
    ['Train-AI=n', 'unknown'],
    ['train-ai=n, X=y', 'unknown'],
    ['train-ai=n;exceptions=y', 'deny'],
    ['train-ai=(n)', 'unknown'],
    ['train-ai=n, search=', 'unknown'],
    ['search=n', 'unknown'],
    ['bots=n', 'unknown'],
  ];
  test.each(cases)('%s is %s, in a header and in robots.txt', (value, result) => {
    expect(resultOf(header('Content-Usage', value))).toBe(result);
    expect(resultOf(robots('User-agent: *', `Content-Usage: ${value}`))).toBe(result);
  });
  test('several fields are one dictionary: the last key wins, one bad line voids all', () => {
    expect(resultOf(header('content-usage', 'train-ai=n', 'train-ai=y'))).toBe('allow');
    expect(resultOf(header('content-usage', 'train-ai=n', 'Search=y'))).toBe('unknown');
  });
  test('the longest path counts among these lines alone, of two equal ones the stricter', () => {
    const text = [
      'User-agent: *',
      'Content-Usage: train-ai=n',
      'Content-Usage: /ai-ok/ train-ai=y',
      'Allow: /',
    ];
    expect(resultOf({ ...robots(...text), url: 'https://a.example/test' })).toBe('deny');
    expect(resultOf({ ...robots(...text), url: 'https://a.example/ai-ok/test' })).toBe('allow');
    const twice = [
      'User-agent: *',
      'content-usage :\t/news/ train-ai=y',
      'Content-Usage: /news/ train-ai=n # no',
    ];
    expect(resultOf(robots(...twice))).toBe('deny');
  });
  test('a group that names us hides the one for everybody', () => {
    const text = [
      'User-agent: *',
      'Content-Usage: train-ai=n',
      'User-agent: ExampleBot',
      'Content-Usage: train-ai=y',
    ];
    expect(resultOf(robots(...text), { agent: 'ExampleBot/2.0' })).toBe('allow');
    expect(resultOf(robots(...text))).toBe('deny');
  });
  test('labels of older drafts count where the recipe says so', () => {
    for (const label of ['ai', 'genai', 'train-genai', 'all', 'bots', 'tdm'])
      expect(resultOf(header('content-usage', `${label}=n`), { oldLabels: true })).toBe('deny');
  });
  test('search asks for its own label', () => {
    expect(resultOf(header('content-usage', 'train-ai=n, search=y'), { purpose: 'search' })).toBe('allow');
    expect(resultOf(header('content-usage', 'search=n'), { purpose: 'search' })).toBe('deny');
  });
});

test('a note ends the list of agents, and what the next group forbids still holds for both', () => {
  const text = 'User-agent: a\nContent-Usage: train-ai=n\nUser-agent: b\nDisallow: /x';
  const { groups } = parseRobots(text);
  expect(groups.map(({ agents, notes, rules }) => [agents, notes.length, rules.length])).toEqual([
    [['a'], 1, 1],
    [['b'], 0, 1],
  ]);
});

test('Content-Signal is heard in robots.txt and in a header', () => {
  const signal = 'search=yes, ai-train=no, ai-input=no';
  expect(resultOf(robots('User-Agent: *', `Content-Signal: ${signal}`, 'Allow: /'))).toBe('deny');
  expect(resultOf(header('content-signal', signal))).toBe('deny');
  expect(resultOf(header('content-signal', signal), { purpose: 'search' })).toBe('allow');
  expect(resultOf(header('content-signal', 'AI-Train = YES'))).toBe('allow');
  expect(resultOf(header('content-signal', 'search=no'))).toBe('unknown');
});

describe('TDMRep', () => {
  const file = (...rules: object[]) => ({ tdmrep: { text: JSON.stringify(rules) } });
  const reserved = { location: '/news/*', 'tdm-reservation': 1, 'tdm-policy': 'https://a.example/policy' };
  test('the first rule that matches counts, also where a later one is longer', () => {
    expect(resultOf(file({ location: '/', 'tdm-reservation': 0 }, reserved))).toBe('allow');
    expect(resultOf(file(reserved, { location: '/', 'tdm-reservation': 0 }))).toBe('deny');
    expect(resultOf(file({ location: '/x', 'tdm-reservation': 1 }))).toBe('unknown');
    expect(resultOf(file({ location: '/News/*', 'tdm-reservation': 1 }))).toBe('unknown');
    expect(resultOf(file({ location: '/n%65ws/*.html$', 'tdm-reservation': 1 }))).toBe('deny');
    expect(resultOf(file({ location: '/', 'tdm-reservation': '1' }, reserved))).toBe('unknown');
    expect(resultOf({ tdmrep: { text: '{"location": "/"' } })).toBe('unknown');
  });
  test('header, page and book supersede the file; absence and other values reset nothing', () => {
    const meta = (content: string) => ({ meta: [{ name: 'TDM-Reservation', content }] });
    expect(resultOf({ ...file(reserved), ...header('tdm-reservation', '0') })).toBe('allow');
    expect(resultOf({ ...file(reserved), ...header('tdm-reservation', '0'), ...meta('1') })).toBe('deny');
    expect(resultOf({ ...file(reserved), ...meta('maybe') })).toBe('deny');
    const embedded = { where: 'content.opf', reservation: '1' };
    expect(resultOf({ ...file({ location: '/', 'tdm-reservation': 0 }), embedded })).toBe('deny');
  });
  test('research may disregard it, and the statement stays', () => {
    const consent = readConsent({ url: page, ...file(reserved) }, { ...reader, purpose: 'research' });
    expect(consent.result).toBe('unknown');
    expect(consent.statements[0]).toMatchObject({
      protocol: 'tdmrep',
      rule: 1,
      policyUrl: 'https://a.example/policy',
    });
  });
});

describe('RSL', () => {
  const rsl = (body: string) => ({
    rsl: [{ text: `<?xml version="1.0"?><rsl xmlns="https://rslstandard.org/rsl">${body}</rsl>` }],
  });
  const content = (inner: string, attributes = 'url="/"') =>
    rsl(`<content ${attributes}><license>${inner}</license></content>`);
  const permits = (usage: string) => `<permits type="usage">${usage}</permits>`;
  test.each([
    [permits('ai-train'), 'allow'],
    [permits('ai-all search'), 'allow'],
    [permits('all'), 'allow'],
    [permits('train-ai,search'), 'allow'],
    [`${permits('all')}<payment type="free"/>`, 'allow'],
    [`${permits('all')}<payment type="training"/>`, 'deny'],
    [`${permits('all')}<prohibits type="usage">ai-train</prohibits>`, 'deny'],
    [`${permits('all')}<permits type="geo">EU</permits>`, 'deny'],
    [permits('search'), 'deny'],
    ['', 'deny'],
  ])('%s is %s', (inner, result) => {
    expect(resultOf(content(inner))).toBe(result);
  });
  test('a licence server is a condition', () => {
    const consent = readConsent(
      { url: page, ...content(permits('all'), 'url="/" server="https://l.example"') },
      reader,
    );
    expect(consent.statements[0].verdict).toBe('conditional');
  });
  test('the narrower scope counts, whole addresses match their own host', () => {
    const two = (a: string, b: string) =>
      rsl(
        `<content url="/"><license>${permits(a)}</license></content>` +
          `<content url="/news/*"><license>${permits(b)}</license></content>`,
      );
    expect(resultOf(two('search', 'all'))).toBe('allow');
    expect(resultOf(two('all', 'search'))).toBe('deny');
    expect(resultOf(content(permits('search'), 'url="https://a.example/news/*.html$"'))).toBe('deny');
    expect(resultOf(content(permits('search'), 'url="https://b.example/"'))).toBe('unknown');
  });
  test('a licence that cannot be read or had licenses nothing', () => {
    expect(resultOf({ rsl: [{ text: '<rsl><content' }] })).toBe('deny');
    expect(resultOf({ rsl: [{ url: 'https://a.example/license.xml' }] })).toBe('deny');
  });
  test('it is found in robots.txt, in a header and in the page', () => {
    const lines = [
      'License: /all.xml',
      'User-agent: *',
      'Disallow:',
      'User-agent: gristmill',
      'License: /own.xml',
    ];
    const found = licenceLinks({
      url: page,
      agent: 'gristmill',
      robots: parseRobots(lines.join('\n')),
      headers: [
        ['Link', '</a.css>; rel=preload, <https://l.example/r>; rel="license"; type="application/rsl+xml"'],
      ],
      links: [
        { rel: 'license', href: 'deed.html' },
        { rel: 'LICENSE', href: 'own.xml', type: 'application/rsl+xml' },
      ],
    });
    expect(found).toEqual([
      'https://a.example/own.xml',
      'https://l.example/r',
      'https://a.example/news/own.xml',
    ]);
    expect(licenceLinks({ url: page, agent: 'other', robots: parseRobots(lines.join('\n')) })).toEqual([
      'https://a.example/all.xml',
    ]);
  });
});

describe('meta robots and X-Robots-Tag', () => {
  // As the lists of Google and others define them: what a directive means for training and for search.
  const table: [list: string, train: string, search: string][] = [
    ['noindex', 'deny', 'deny'],
    ['none', 'deny', 'deny'],
    ['NOAI', 'deny', 'unknown'],
    ['noimageai', 'unknown', 'unknown'],
    ['nofollow, noarchive, nosnippet', 'unknown', 'unknown'],
    ['max-image-preview:large, noindex', 'deny', 'deny'],
    ['max-snippet:20, max-video-preview: -1, noai', 'deny', 'unknown'],
    ['unavailable_after: 25 Jun 2010 15:00:00 GMT', 'deny', 'deny'],
    ['unavailable_after: Friday, 25 Jun 2010 15:00:00 GMT, all', 'deny', 'deny'],
    ['unavailable_after: 2099-01-01', 'unknown', 'unknown'],
    ['unavailable_after: whenever', 'unknown', 'unknown'],
    ['otherbot: noindex', 'unknown', 'unknown'],
    ['otherbot: noindex, noai', 'unknown', 'unknown'],
    ['noai, otherbot: noindex', 'deny', 'unknown'],
    ['otherbot: nofollow, gristmill: noai', 'deny', 'unknown'],
    ['Gristmill: max-snippet:5, noindex', 'deny', 'deny'],
    ['gristmill:noindex', 'deny', 'deny'],
    ['all', 'unknown', 'unknown'],
    ['', 'unknown', 'unknown'],
  ];
  test.each(table)('"%s" is %s for training and %s for search', (list, train, search) => {
    expect(resultOf(header('X-Robots-Tag', list))).toBe(train);
    expect(resultOf(header('X-Robots-Tag', list), { purpose: 'search' })).toBe(search);
    expect(resultOf({ meta: [{ name: 'Robots', content: list }] })).toBe(train);
  });
  test('meta elements of other bots say nothing, ours count beside those for all', () => {
    expect(resultOf({ meta: [{ name: 'googlebot', content: 'noindex' }] })).toBe('unknown');
    expect(resultOf({ meta: [{ name: 'gristmill', content: 'noai' }] })).toBe('deny');
  });
  test('noarchive and noindex are switches', () => {
    expect(resultOf(header('x-robots-tag', 'noarchive'), { noarchive: true })).toBe('deny');
    expect(resultOf(header('x-robots-tag', 'noindex'), { noindex: false })).toBe('unknown');
  });
});

describe('ai.txt', () => {
  const aiTxt = (...lines: string[]) => ({ aiTxt: { text: lines.join('\n') } });
  test('kinds of file and paths are refused, the more specific rule counts', () => {
    expect(resultOf(aiTxt('# Spawning', 'User-Agent: *', 'Disallow: /'))).toBe('deny');
    expect(resultOf(aiTxt('User-Agent: *', 'Disallow: *.jpg', 'Disallow: *.png'))).toBe('unknown');
    expect(resultOf(aiTxt('User-Agent: *', 'Disallow: *.html'))).toBe('deny');
    expect(resultOf(aiTxt('User-Agent: *', 'Disallow: /', 'Allow: *.html'))).toBe('allow');
    expect(
      resultOf({ ...aiTxt('User-Agent: *', 'Disallow: *.html'), url: 'https://a.example/no-ending' }),
    ).toBe('deny');
    expect(resultOf(aiTxt('User-Agent: other', 'Disallow: /'))).toBe('unknown');
  });
  test('the other ai.txt, Markdown with front matter, is recognised and ignored', () => {
    expect(resultOf(aiTxt('---', 'title: About', '---', '# Disallow: /', 'We love robots.'))).toBe('unknown');
  });
});

test('402 is conditional, with its price', () => {
  const consent = readConsent({ url: page, status: 402, ...header('Crawler-Price', 'USD 0.01') }, reader);
  expect(consent).toMatchObject({ result: 'deny', decidedBy: 0 });
  expect(consent.statements[0]).toMatchObject({
    protocol: 'http-402',
    verdict: 'conditional',
    price: 'USD 0.01',
  });
});

test('a refusal of a training agent counts where the recipe lists it', () => {
  const agents = trainingAgents['ai-robots-txt-2026-08-22'];
  const text = robots('User-agent: Kangaroo Bot', 'Disallow: /', 'User-agent: *', 'Allow: /');
  expect(resultOf(text)).toBe('unknown');
  expect(resultOf(text, { agents })).toBe('deny');
  expect(resultOf(robots('User-agent: GPTBot', 'Disallow: /shop'), { agents })).toBe('unknown');
  const welcome = ['User-agent: *', 'Disallow: /', 'User-agent: gristmill', 'Allow: /'];
  expect(resultOf(robots(...welcome), { agents })).toBe('unknown');
});

test('an agreement of one’s own counts more, and the refusal is kept beside it', () => {
  const override = { kind: 'contract', reference: 'A-17' } as const;
  const consent = readConsent({ url: page, ...header('x-robots-tag', 'noai') }, { ...reader, override });
  expect(consent).toMatchObject({ result: 'allow', decidedBy: 0, override });
  expect(consent.statements[0].verdict).toBe('deny');
  expect(decideConsent([], { override })).toEqual({ result: 'unknown' });
});

test('a statement keeps place, line, digest, time and its words, at most 500 bytes', () => {
  const text = `User-agent: *\nDisallow: /news/${'é'.repeat(400)}\nDisallow: /news/`;
  const { statements } = readConsent(
    { url: page, robots: { text, fetchedAt: '2026-11-20T00:00:00Z' } },
    reader,
  );
  expect(statements).toEqual([
    {
      protocol: 'robots',
      where: 'https://a.example/robots.txt',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      fetchedAt: '2026-11-20T00:00:00Z',
      rule: 3,
      raw: 'Disallow: /news/',
      verdict: 'deny',
    },
  ]);
  const long = readConsent({ url: page, ...header('content-signal', 'ü'.repeat(400)) }, reader).statements[0]
    .raw;
  expect(long).toBe('ü'.repeat(250));
});

test('refusals are words that a policy can name, with the readings that it may leave out', () => {
  const { statements } = readConsent(
    {
      url: page,
      fetchedAt: '2026-11-20T00:00:00Z',
      robots: { text: 'User-agent: GPTBot\nDisallow: /\nUser-agent: *\nContent-Usage: bots=n, train-ai=y' },
      headers: [['X-Robots-Tag', 'noarchive, noindex']],
      rsl: [
        {
          text: '<rsl><content><license><permits>all</permits><payment type="crawl"/></license></content></rsl>',
        },
      ],
    },
    { agent: 'gristmill', agents: ['GPTBot'] },
  );
  expect(refusalsOf(statements)).toEqual([
    'aipref-old',
    'noarchive',
    'noindex',
    'robots-agents',
    'rsl-conditional',
  ]);
  expect(permissionsOf(statements)).toEqual(['aipref']);
});
