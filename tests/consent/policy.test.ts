import { createRandom } from '@gristmill/core';
import { expect, test } from 'vitest';
import {
  decideConsent,
  overrideFor,
  policyFor,
  readStatements,
  refusalBy,
  refusalCodes,
  resolvePolicy,
  saidOfUse,
  supersede,
  trainingAgents,
  type ConsentChoices,
  type Observed,
  type Statement,
} from '@gristmill/consent';
import { resolveSelectOptions } from '@gristmill/select';

const url = 'https://www.a.example/page';
const preset = 'ai-robots-txt-2026-08-22';
const reader = { agent: 'gristmill', agents: trainingAgents[preset] };
const header = (name: string, value: string): Partial<Observed> => ({ headers: [[name, value]] });
const robots = (text: string): Partial<Observed> => ({ robots: { text } });
const embedded = (changes: object): Partial<Observed> => ({ embedded: { where: 'XMP', ...changes } });

/** By the words that a corpus keeps, as select decides. */
function refusal(observed: Partial<Observed>, choices: ConsentChoices = {}): string | undefined {
  const policy = resolvePolicy(choices);
  const said = saidOfUse(readStatements({ url, fetchedAt: '2026-11-20T00:00:00Z', ...observed }, reader));
  const [refusals, permissions] =
    policy.purpose === 'search'
      ? [said.searchRefusals, said.searchPermissions]
      : [said.refusals, said.permissions];
  return refusalBy({ refusals: refusals.join(' '), permissions: permissions.join(' ') }, policy);
}

// Rows of the protocols' own documents: what is said → the word that refuses for each purpose without a choice.
const table: [
  what: string,
  observed: Partial<Observed>,
  train?: string,
  research?: string,
  search?: string,
][] = [
  ['a disallowed path', robots('User-agent: *\nDisallow: /'), 'robots', 'robots', 'robots'],
  ['a path that is allowed', robots('User-agent: *\nAllow: /')],
  ['a bot that trains is refused', robots('User-agent: GPTBot\nDisallow: /')],
  [
    'Content-Usage in robots.txt',
    robots('User-agent: *\nContent-Usage: train-ai=n, search=y'),
    'aipref',
    'aipref',
  ],
  ['Content-Usage against search', header('Content-Usage', 'search=n'), undefined, undefined, 'aipref'],
  ['a label of an old draft', header('Content-Usage', 'genai=n')],
  [
    'Content-Signal',
    header('Content-Signal', 'search=no, ai-train=no'),
    'content-signal',
    'content-signal',
    'content-signal',
  ],
  ['TDMRep in a header', header('TDM-Reservation', '1'), 'tdmrep'],
  ['TDMRep in a book', embedded({ reservation: '1' }), 'tdmrep'],
  ['TDMRep that reserves nothing', embedded({ reservation: '0' })],
  ['a licence that cannot be had', { rsl: [{ url: 'https://www.a.example/l.xml' }] }, 'rsl', 'rsl', 'rsl'],
  ['noai', header('X-Robots-Tag', 'noai'), 'noai', 'noai'],
  ['noindex', header('X-Robots-Tag', 'noindex'), 'noindex', 'noindex', 'noindex'],
  ['noarchive', header('X-Robots-Tag', 'noarchive')],
  ['noimageai', header('X-Robots-Tag', 'noimageai')],
  ['ai.txt', { aiTxt: { text: 'User-Agent: *\nDisallow: /' } }, 'ai.txt', 'ai.txt'],
  ['402', { status: 402 }, 'http-402', 'http-402', 'http-402'],
  ['PLUS, all', embedded({ dataMining: 'DMI-PROHIBITED' }), 'iptc', 'iptc', 'iptc'],
  [
    'PLUS, but search',
    embedded({
      dataMining: 'http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING',
    }),
    'iptc',
    'iptc',
  ],
  ['PLUS, models that write', embedded({ dataMining: 'DMI-PROHIBITED-GENAIMLTRAINING' }), 'iptc', 'iptc'],
  ['PLUS, constraints', embedded({ dataMining: 'DMI-PROHIBITED-SEECONSTRAINT' }), 'iptc', 'iptc', 'iptc'],
  ['PLUS, nothing said', embedded({ dataMining: 'DMI-UNSPECIFIED' })],
];

test.each(table)('%s refuses what it speaks of', (_, observed, train, research, search) => {
  expect(refusal(observed)).toBe(train);
  expect(refusal(observed, { purpose: 'research' })).toBe(research);
  expect(refusal(observed, { purpose: 'search' })).toBe(search);
});

test('each switch counts what it names, and nothing else', () => {
  const switches: [ConsentChoices, Partial<Observed>, string][] = [
    [{ noarchive: true }, header('X-Robots-Tag', 'noarchive'), 'noarchive'],
    [{ aiAgents: preset }, robots('User-agent: GPTBot\nDisallow: /'), 'robots-agents'],
    [{ aipref: { oldLabels: true } }, header('Content-Usage', 'bots=n'), 'aipref-old'],
  ];
  for (const [choices, observed, word] of switches) {
    expect(refusal(observed)).toBeUndefined();
    expect(refusal(observed, choices)).toBe(word);
    for (const [others] of switches.filter(([, , other]) => other !== word))
      expect(refusal(observed, others)).toBeUndefined();
  }
  expect(refusal(header('X-Robots-Tag', 'noindex'), { noindex: false })).toBeUndefined();
  expect(refusal(header('X-Robots-Tag', 'noai'), { obey: ['robots'] })).toBeUndefined();
  expect(refusal({}, { unknown: 'deny' })).toBe('unknown');
  expect(refusal(header('Content-Usage', 'train-ai=y'), { unknown: 'deny' })).toBeUndefined();
  expect(
    refusal(header('Content-Usage', 'search=y'), { unknown: 'deny', purpose: 'search' }),
  ).toBeUndefined();
});

test('an agreement is for a source, for a domain with its subdomains, or for both at once', () => {
  const policy = resolvePolicy({
    override: [
      { source: 'books', kind: 'licence', reference: 'CC-BY-4.0' },
      { domain: 'A.example', kind: 'contract', reference: '17' },
      { source: 'web', domain: 'b.example', kind: 'contract', reference: '18' },
    ],
  });
  const of = (source: string, address?: string) => overrideFor({ source, url: address }, policy)?.reference;
  expect(of('books')).toBe('CC-BY-4.0');
  expect(of('web', url)).toBe('17');
  expect(of('web', 'https://a.example/')).toBe('17');
  expect(of('web', 'https://nota.example/')).toBeUndefined();
  expect(of('web', 'https://b.example/')).toBe('18');
  expect(of('other', 'https://b.example/')).toBeUndefined();
  expect(of('web')).toBeUndefined();
});

test('the words decide as the statements do, whatever the recipe says', () => {
  const random = createRandom(16);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const switches = [true, false, undefined];
  for (let round = 0; round < 300; round++) {
    const observed = { url, fetchedAt: '2026-11-20T00:00:00Z' };
    const said = Array.from({ length: 3 }, () => readStatements({ ...observed, ...pick(table)[1] }, reader));
    const statements = supersede(said.flat());
    const policy = resolvePolicy({
      purpose: pick(['train', 'research', 'search', undefined] as const),
      noarchive: pick(switches),
      noindex: pick(switches),
      aiAgents: pick([preset, undefined]),
      aipref: { oldLabels: pick(switches) },
      ...(random() < 0.3 && { obey: refusalCodes.filter(() => random() < 0.5) }),
    });
    const words = saidOfUse(statements);
    const [refusals, permissions] =
      policy.purpose === 'search'
        ? [words.searchRefusals, words.searchPermissions]
        : [words.refusals, words.permissions];
    const word = refusalBy({ refusals: refusals.join(' '), permissions: permissions.join(' ') }, policy);
    const { result } = decideConsent(statements, policyFor({ source: 'x', url }, policy));
    expect([result === 'deny', statements]).toEqual([word !== undefined, statements]);
  }
});

test('a later place of TDMRep supersedes an earlier one, and one that is outdated says nothing', () => {
  const said = (where: string, verdict: Statement['verdict'], changes = {}): Statement => ({
    ...{ protocol: 'tdmrep', where, sha256: '', raw: '', verdict },
    ...changes,
  });
  const flags = (statements: Statement[]) =>
    supersede(statements).map(({ superseded = false }) => superseded);
  const file = 'https://a.example/.well-known/tdmrep.json';
  expect(flags([said(file, 'deny'), said('header tdm-reservation', 'allow')])).toEqual([true, false]);
  expect(flags([said('header tdm-reservation', 'allow'), said('content.opf', 'deny')])).toEqual([
    true,
    false,
  ]);
  expect(flags([said(file, 'deny'), said('meta tdm-reservation', 'unknown')])).toEqual([false, false]);
  expect(flags([said(file, 'deny', { superseded: true })])).toEqual([false]);
  expect(flags([said(file, 'deny'), said('XMP', 'allow', { outdated: true })])).toEqual([false, false]);
});

test('select refuses what no policy can mean', () => {
  const wrong = (consent: object) => () => resolveSelectOptions({ consent: consent as never });
  expect(wrong({ obey: ['tdm'] })).toThrow(/tdm/);
  expect(wrong({ aiAgents: 'all' })).toThrow(/aiAgents/);
  expect(wrong({ aipref: { oldLabel: true } })).toThrow(/oldLabel/);
  expect(wrong({ purpose: 'training' })).toThrow(/purpose/);
  expect(wrong({ override: {} })).toThrow(/no list/);
  expect(wrong({ override: [{ kind: 'contract', reference: '1' }] })).toThrow(/neither source nor domain/);
  expect(wrong({ override: [{ domain: 'a.example', kind: 'friend', reference: '1' }] })).toThrow(/friend/);
  expect(wrong({ override: [{ domain: 'a.example', kind: 'contract' }] })).toThrow(/reference/);
});
