// All that was said about one document, as it was fetched, in one list. What each protocol means stands in its own file.

import { readAiTxt } from './ai-txt.ts';
import { usageVerdict } from './aipref.ts';
import { signalVerdict } from './content-signal.ts';
import { matchesPath } from './path-pattern.ts';
import { createStatement, strictest, type StatementSource } from './raw-text.ts';
import { productToken, readDirectives, refusals } from './robots-directives.ts';
import { groupsFor, matchRobots } from './robots-match.ts';
import { parseRobots, type Robots, type RobotsNote } from './robots.ts';
import { readRsl } from './rsl.ts';
import type { ConsentPolicy, Purpose, Statement, Verdict } from './statement.ts';
import { readTdmFile, reservationVerdict } from './tdmrep.ts';

/** A host's file as it was fetched; without text it could not be had. */
export interface HostFile {
  readonly url?: string;
  readonly text?: string;
  readonly fetchedAt?: string;
}

/** One document and its host, as they answered. Everything but the address may be missing. */
export interface Observed {
  readonly url: string;
  /** ISO 8601. */
  readonly fetchedAt?: string;
  readonly status?: number;
  readonly mediaType?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** `meta` elements of a page: name and content. */
  readonly meta?: readonly { readonly name: string; readonly content: string }[];
  /** Metadata inside a book or a PDF: `tdm:reservation`, `tdm:policy`. */
  readonly embedded?: { readonly where: string; readonly reservation: string; readonly policyUrl?: string };
  readonly robots?: HostFile;
  readonly tdmrep?: HostFile;
  readonly aiTxt?: HostFile;
  /** Licence files that robots.txt, a header or the page names. */
  readonly rsl?: readonly HostFile[];
}

export interface Reader extends ConsentPolicy {
  /** Product token of our crawler. */
  readonly agent: string;
}

interface Reading {
  readonly observed: Observed;
  readonly reader: Reader;
  readonly purpose: Purpose;
}

export function readStatements(observed: Observed, reader: Reader): Statement[] {
  const reading: Reading = { observed, reader, purpose: reader.purpose ?? 'train' };
  return [
    ...robotsStatements(reading),
    ...headerStatements(reading),
    ...tdmStatements(reading),
    ...rslStatements(reading),
    ...directiveStatements(reading),
    ...aiTxtStatements(reading),
    ...priceStatements(reading),
  ];
}

function hostSource(
  { observed }: Reading,
  protocol: Statement['protocol'],
  file: HostFile,
  path: string,
): StatementSource {
  const where = file.url ?? URL.parse(path, observed.url)?.href ?? path;
  return { protocol, where, text: file.text ?? '', fetchedAt: file.fetchedAt ?? observed.fetchedAt };
}

/** Access, and the lines of our group that speak of use. Paths that may not be fetched have no preference. */
function robotsStatements(reading: Reading): Statement[] {
  const { observed, reader, purpose } = reading;
  const file = observed.robots;
  if (file?.text === undefined) return [];
  const robots = parseRobots(file.text);
  const lines = file.text.split(/\r\n|\r|\n/);
  const source = (protocol: Statement['protocol']) => hostSource(reading, protocol, file, '/robots.txt');
  const said = (line: number | undefined, verdict: Verdict) => ({
    verdict,
    ...(line !== undefined && { rule: line, words: lines[line - 1] ?? '' }),
  });
  const own = matchRobots(robots, reader.agent, observed.url);
  const access = own.allowed ? (refusalOf(robots, reader.agents ?? [], observed.url) ?? own) : own;
  const statements = [
    createStatement(source('robots'), said(access.line, access.allowed ? 'unknown' : 'deny')),
  ];
  if (!access.allowed) return statements;
  const groups = groupsFor(robots, reader.agent);
  const notes = groups.length > 0 ? groups.flatMap((group) => group.notes) : robots.notes;
  for (const { line, preference } of usageOf(notes, observed.url))
    statements.push(createStatement(source('aipref'), said(line, usageVerdict(preference, purpose, reader))));
  for (const { kind, value, line } of notes)
    if (kind === 'content-signal')
      statements.push(createStatement(source('content-signal'), said(line, signalVerdict(value, purpose))));
  return statements;
}

/** The refusal of one of these agents by its own name, which may have several words: what is said to all counts for us. */
function refusalOf({ groups, ...robots }: Robots, agents: readonly string[], url: string) {
  const wanted = new Set(agents.map((agent) => agent.toLowerCase()));
  return groups
    .filter(({ names }) => names.some((name) => wanted.has(name)))
    .map((group) => matchRobots({ ...robots, groups: [{ ...group, agents: ['*'] }] }, '*', url))
    .find(({ allowed }) => !allowed);
}

/** The Content-Usage lines of the longest path that matches. A path ends at the first blank; without one it is the site. */
function usageOf(notes: readonly RobotsNote[], url: string) {
  const lines = notes
    .filter(({ kind }) => kind === 'content-usage')
    .map(({ value, line }) => {
      const [, path = '', preference] = /^(\/[^ \t]*)?[ \t]*(.*)$/s.exec(value)!;
      return { path, preference, line };
    })
    .filter(({ path }) => path === '' || matchesPath(url, path));
  const longest = Math.max(...lines.map(({ path: { length } }) => length));
  return lines.filter(({ path: { length } }) => length === longest);
}

function headerStatements({ observed, reader, purpose }: Reading): Statement[] {
  const usage = headerValues(observed, 'content-usage');
  const signals = headerValues(observed, 'content-signal');
  const of = (protocol: Statement['protocol'], name: string, values: readonly string[]) => ({
    ...headerSource(observed, protocol, name),
    text: values.join(', '),
  });
  return [
    // Several lines are one dictionary.
    ...(usage.length > 0
      ? [
          createStatement(of('aipref', 'content-usage', usage), {
            verdict: usageVerdict(usage.join(', '), purpose, reader),
          }),
        ]
      : []),
    ...(signals.length > 0
      ? [
          createStatement(of('content-signal', 'content-signal', signals), {
            verdict: strictest(signals.map((value) => signalVerdict(value, purpose))),
          }),
        ]
      : []),
  ];
}

function headerValues({ headers = [] }: Observed, name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

const headerSource = ({ fetchedAt }: Observed, protocol: Statement['protocol'], name: string) => ({
  protocol,
  where: `header ${name}`,
  fetchedAt,
});

/** In the order in which they supersede each other: the last that says anything counts. */
function tdmStatements(reading: Reading): Statement[] {
  const { observed, purpose } = reading;
  const statements: Statement[] = [];
  const file = observed.tdmrep;
  const found = file?.text === undefined ? undefined : readTdmFile(file.text, observed.url);
  if (file && found)
    statements.push(createStatement(hostSource(reading, 'tdmrep', file, '/.well-known/tdmrep.json'), found));
  const meta = (name: string) => observed.meta?.find((one) => one.name.toLowerCase() === name)?.content;
  const inner = [
    [
      'header tdm-reservation',
      headerValues(observed, 'tdm-reservation')[0],
      headerValues(observed, 'tdm-policy')[0],
    ],
    ['meta tdm-reservation', meta('tdm-reservation'), meta('tdm-policy')],
    [observed.embedded?.where, observed.embedded?.reservation, observed.embedded?.policyUrl],
  ] as const;
  for (const [where, value, policyUrl] of inner) {
    const verdict = value === undefined ? undefined : reservationVerdict(value);
    if (where === undefined || value === undefined || verdict === undefined) continue;
    const source = { protocol: 'tdmrep', where, text: value, fetchedAt: observed.fetchedAt } as const;
    statements.push(createStatement(source, { verdict, ...(policyUrl !== undefined && { policyUrl }) }));
  }
  // Article 3: research organisations need not heed it; a search engine is no mining for training.
  const counts = purpose === 'train';
  const decisive = statements.findLastIndex(({ verdict }) => verdict !== 'unknown');
  return statements.map((statement, i) => ({
    ...statement,
    ...(!counts && { verdict: 'unknown' }),
    ...(i < decisive && { superseded: true }),
  }));
}

function rslStatements(reading: Reading): Statement[] {
  const { observed, purpose } = reading;
  return (observed.rsl ?? []).flatMap((file) => {
    const source = hostSource(reading, 'rsl', file, '/license.xml');
    // A licence that cannot be had licenses nothing.
    if (file.text === undefined) return [createStatement(source, { verdict: 'deny', words: source.where })];
    const answer = readRsl(file.text, observed.url, purpose);
    return answer ? [createStatement(source, answer)] : [];
  });
}

function directiveStatements({ observed, reader, purpose }: Reading): Statement[] {
  const own = productToken(reader.agent);
  const named = (observed.meta ?? []).filter(({ name }) =>
    ['robots', own].includes(name.trim().toLowerCase()),
  );
  const sources = [
    ...named.map(
      ({ name, content }) =>
        ({ protocol: 'meta-robots', where: `meta ${name.trim()}`, text: content }) as const,
    ),
    ...headerValues(observed, 'x-robots-tag').map(
      (text) => ({ protocol: 'x-robots-tag', where: 'header x-robots-tag', text }) as const,
    ),
  ];
  return sources.map((source) => {
    const said = refusals(readDirectives(source.text, reader.agent), {
      noarchive: reader.noarchive ?? false,
      noindex: reader.noindex ?? true,
      at: observed.fetchedAt,
    });
    const refused = purpose === 'search' ? said.search : said.train;
    return createStatement(
      { ...source, fetchedAt: observed.fetchedAt },
      { verdict: refused ? 'deny' : 'unknown' },
    );
  });
}

function aiTxtStatements(reading: Reading): Statement[] {
  const { observed, purpose } = reading;
  const file = observed.aiTxt;
  if (file?.text === undefined || purpose === 'search') return [];
  const answer = readAiTxt(file.text, observed.url, observed.mediaType);
  return answer ? [createStatement(hostSource(reading, 'ai.txt', file, '/ai.txt'), answer)] : [];
}

/** Pay per crawl: we never pay. */
function priceStatements({ observed }: Reading): Statement[] {
  if (observed.status !== 402) return [];
  const [price] = headerValues(observed, 'crawler-price');
  const source = { ...headerSource(observed, 'http-402', 'crawler-price'), text: price ?? '402' };
  return [createStatement(source, { verdict: 'conditional', ...(price !== undefined && { price }) })];
}
