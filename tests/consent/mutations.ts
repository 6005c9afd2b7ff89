// Seeded damage to every kind of text that may speak of use, and what must hold whatever it is: an answer, soon, with
// little kept of it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  applyReading,
  licenceLinks,
  parseRobots,
  readConsent,
  saidOfUse,
  trainingAgents,
  type Observed,
} from '@gristmill/consent';

const url = 'https://a.example/news/page.html?q=1';
const reader = { agent: 'gristmill', agents: Object.values(trainingAgents).flat() };

interface Kind {
  readonly seeds: readonly string[];
  observed(text: string): Partial<Observed>;
}

const header = (name: string) => (text: string) => ({ headers: [[name, text] as const] });

export const kinds: Readonly<Record<string, Kind>> = {
  robots: {
    seeds: [
      'User-agent: *\nContent-Usage: /a train-ai=n, search=y\nContent-Signal: ai-train=no, search=yes\nDisallow: /*x$\nLicense: /l.xml\n',
      'User-agent: GPTBot\nUser-agent: Kangaroo Bot\nDisallow: /\n\nUser-agent: gristmill/1.0\nAllow: /news/*.html$\nCrawl-delay: 5\nSitemap: /s.xml',
    ],
    observed: (text) => ({ robots: { text } }),
  },
  'x-robots-tag': {
    seeds: [
      'max-snippet:20, gristmill: noai, unavailable_after: Mon, 3 Feb 2025 10:00:00 GMT, otherbot: none',
    ],
    observed: header('X-Robots-Tag'),
  },
  'content-usage': {
    seeds: ['train-ai=n;exceptions=y, search="n", tdm=(a b), genai=?0, bots=:AA==:'],
    observed: header('Content-Usage'),
  },
  'content-signal': {
    seeds: ['search=yes, ai-train=no, ai-input=no'],
    observed: header('Content-Signal'),
  },
  link: {
    seeds: ['</a.css>; rel=preload, <https://l.example/r>; rel="license"; type="application/rsl+xml"'],
    observed: header('Link'),
  },
  'meta robots': {
    seeds: ['noindex, max-image-preview:large, noai, noarchive'],
    observed: (content) => ({ meta: [{ name: 'robots', content }] }),
  },
  tdmrep: {
    seeds: [
      '[{"location":"/news/*","tdm-reservation":1,"tdm-policy":"https://a.example/p"},{"location":"/","tdm-reservation":0}]',
    ],
    observed: (text) => ({ tdmrep: { text } }),
  },
  rsl: {
    seeds: [
      '<?xml version="1.0"?><rsl xmlns="https://rslstandard.org/rsl"><content url="/*" server="https://s.example"><license><permits type="usage">ai-all search</permits><prohibits type="usage">ai-train</prohibits><payment type="crawl"/></license></content><content url="https://a.example/news/*.html$"><license><permits type="geo">EU</permits></license></content></rsl>',
    ],
    observed: (text) => ({ rsl: [{ text }] }),
  },
  'ai.txt': {
    seeds: [
      '# Spawning\nUser-Agent: *\nDisallow: *.html\nDisallow: /news/\nAllow: /\nUser-Agent: x\nDisallow: /',
    ],
    observed: (aiTxt) => ({ aiTxt: { text: aiTxt } }),
  },
  embedded: {
    seeds: ['http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING', '1'],
    observed: (text) => ({
      embedded: { where: 'XMP', reservation: text, policyUrl: text, dataMining: text },
    }),
  },
};

const pieces = [
  ...[
    '',
    '\0',
    '\r',
    '\n',
    '\uFEFF',
    '\uD800',
    '*',
    '**',
    '$',
    '%',
    '%2',
    '%2f',
    ':',
    ',',
    '=',
    '"',
    "'",
    '#',
    '/',
    '\\',
  ],
  ...[
    '<',
    '>',
    '&a;',
    '&#xFFFFFFFF;',
    '<!DOCTYPE r [<!ENTITY a "aaaa">]>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '<content url="/">',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '__proto__',
    'constructor',
    'User-agent: *\n',
    'Disallow: /\n',
    '1e999',
    '-1',
    'é',
    '\u2028',
  ],
];
const longest = 100_000;

/** Letters changed, cut, doubled; a piece or the whole many times over. */
export function mutate(text: string, random: () => number): string {
  const at = () => Math.floor(random() * (text.length + 1));
  for (let i = 0; i < 1 + random() * 8; i++) {
    const [from, piece] = [at(), pieces[Math.floor(random() * pieces.length)]];
    const to = random() < 0.7 ? from + Math.floor(random() * 4) : at();
    const times = random() < 0.03 ? 1 + Math.floor(random() * 5000) : 1;
    text = text.slice(0, Math.min(from, to)) + piece.repeat(times) + text.slice(Math.max(from, to));
    if (random() < 0.02) text = text.repeat(1 + Math.floor(random() * 200));
    if (text.length > longest) text = text.slice(0, longest);
  }
  return text;
}

/** Reads mutants of all kinds together. @returns the most CPU time that one took of this thread, in milliseconds */
export function readMutants(rounds: number, seed: number): number {
  const random = createRandom(seed);
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, { seeds, observed }] of Object.entries(kinds)) {
      const text = mutate(seeds[round % seeds.length], random);
      const address = random() < 0.1 ? mutate(url, random) : url;
      const start = process.threadCpuUsage();
      read(name, text, { url: address, fetchedAt: '2026-11-20T00:00:00Z', ...observed(text) });
      const { user, system } = process.threadCpuUsage(start);
      slowest = Math.max(slowest, (user + system) / 1000);
    }
  }
  return slowest;
}

function read(name: string, text: string, observed: Observed): void {
  const { result, statements } = readConsent(observed, reader);
  const said = saidOfUse(statements);
  const robots = name === 'robots' ? parseRobots(text) : undefined;
  const links = licenceLinks({ url: observed.url, agent: 'gristmill', headers: observed.headers, robots });
  const files = [
    { kind: 'robots', url: 'https://a.example/robots.txt', fetchedAt: '2026-11-21', text } as const,
  ];
  const later = applyReading(statements, observed, {
    origin: 'https://a.example',
    agent: 'gristmill',
    files,
  });
  const isRight =
    ['allow', 'deny', 'unknown'].includes(result) &&
    (result === 'deny') ===
      statements.some(({ superseded, verdict, needs }) => {
        const isRefusal = verdict === 'deny' || verdict === 'conditional';
        return isRefusal && !superseded && needs !== 'noarchive' && needs !== 'oldLabels';
      }) &&
    [...statements, ...later].every(
      ({ raw, sha256 }) => Buffer.byteLength(raw) <= 500 && sha256.length === 64,
    ) &&
    said.refusals.every((word) => !/\s/.test(word)) &&
    links.every((link) => /^https?:/.test(link));
  if (!isRight)
    expect.fail(`${name}: ${JSON.stringify(text.slice(0, 2000))} gives ${JSON.stringify(statements)}`);
}

/** Bytes of the heap that are in use: the least after several collections, since what one finds free another frees. */
export async function heapInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Infinity;
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise(setImmediate);
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}
