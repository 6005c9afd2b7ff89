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

interface Question {
  readonly observed: Observed;
  readonly reader: Reader;
  readonly purpose: Purpose;
}

/** Every statement, also those that count only in a reading that the reader leaves out (`needs`). */
export function readStatements(observed: Observed, reader: Reader): Statement[] {
  const question: Question = { observed, reader, purpose: reader.purpose ?? 'train' };
  return [
    ...robotsStatements(question),
    ...headerStatements(question),
    ...tdmStatements(question),
    ...rslStatements(question),
    ...directiveStatements(question),
    ...aiTxtStatements(question),
    ...priceStatements(question),
  ];
}

function hostSource(
  { observed }: Question,
  protocol: Statement['protocol'],
  file: HostFile,
  path: string,
): StatementSource {
  const where = file.url ?? URL.parse(path, observed.url)?.href ?? path;
  return { protocol, where, text: file.text ?? '', fetchedAt: file.fetchedAt ?? observed.fetchedAt };
}

/** Access, and the lines of our group that speak of use. Paths that may not be fetched have no preference. */
function robotsStatements(question: Question): Statement[] {
  const { observed, reader, purpose } = question;
  const file = observed.robots;
  if (file?.text === undefined) return [];
  const robots = parseRobots(file.text);
  const lines = file.text.split(/\r\n|\r|\n/);
  const source = (protocol: Statement['protocol']) => hostSource(question, protocol, file, '/robots.txt');
  const said = (line: number | undefined, verdict: Verdict) => ({
    verdict,
    ...(line !== undefined && { rule: line, words: lines[line - 1] ?? '' }),
  });
  const own = matchRobots(robots, reader.agent, observed.url);
  const statements = [createStatement(source('robots'), said(own.line, own.allowed ? 'unknown' : 'deny'))];
  if (!own.allowed) return statements;
  const refused = refusalOf(robots, reader.agents ?? [], observed.url);
  if (refused)
    statements.push(createStatement(source('robots'), { ...said(refused.line, 'deny'), needs: 'agents' }));
  const groups = groupsFor(robots, reader.agent);
  const notes = groups.length > 0 ? groups.flatMap((group) => group.notes) : robots.notes;
  for (const { line, preference } of usageOf(notes, observed.url))
    statements.push(
      ...usageSaid(preference, purpose).map((usage) =>
        createStatement(source('aipref'), { ...said(line, usage.verdict), ...usage }),
      ),
    );
  for (const { kind, value, line } of notes)
    if (kind === 'content-signal')
      statements.push(createStatement(source('content-signal'), said(line, signalVerdict(value, purpose))));
  return statements;
}

/** What a dictionary says, and beside it what older labels refuse. */
function usageSaid(dictionary: string, purpose: Purpose): Pick<Statement, 'verdict' | 'needs'>[] {
  const { verdict, old } = usageVerdict(dictionary, purpose);
  if (old !== 'deny' || verdict === 'deny') return [{ verdict }];
  return [{ verdict }, { verdict: old, needs: 'oldLabels' }];
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

function headerStatements({ observed, purpose }: Question): Statement[] {
  const usage = headerValues(observed, 'content-usage').join(', '); // several lines are one dictionary
  const signals = headerValues(observed, 'content-signal');
  const of = (protocol: Statement['protocol'], name: string, text: string) => ({
    ...headerSource(observed, protocol, name),
    text,
  });
  const verdict = strictest(signals.map((value) => signalVerdict(value, purpose)));
  return [
    ...(usage === '' ? [] : usageSaid(usage, purpose)).map((said) =>
      createStatement(of('aipref', 'content-usage', usage), said),
    ),
    ...(signals.length === 0
      ? []
      : [createStatement(of('content-signal', 'content-signal', signals.join(', ')), { verdict })]),
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
function tdmStatements(question: Question): Statement[] {
  const { observed, purpose } = question;
  const statements: Statement[] = [];
  const file = observed.tdmrep;
  const found = file?.text === undefined ? undefined : readTdmFile(file.text, observed.url);
  if (file && found)
    statements.push(createStatement(hostSource(question, 'tdmrep', file, '/.well-known/tdmrep.json'), found));
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

function rslStatements(question: Question): Statement[] {
  const { observed, purpose } = question;
  return (observed.rsl ?? []).flatMap((file) => {
    const source = hostSource(question, 'rsl', file, '/license.xml');
    // A licence that cannot be had licenses nothing.
    if (file.text === undefined) return [createStatement(source, { verdict: 'deny', words: source.where })];
    const answer = readRsl(file.text, observed.url, purpose);
    return answer ? [createStatement(source, answer)] : [];
  });
}

function directiveStatements({ observed, reader, purpose }: Question): Statement[] {
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
  return sources.flatMap((source) => {
    const { noai, noindex, noarchive } = refusals(
      readDirectives(source.text, reader.agent),
      observed.fetchedAt,
    );
    const said: Pick<Statement, 'verdict' | 'needs'>[] =
      purpose === 'search'
        ? [{ verdict: noindex ? 'deny' : 'unknown' }]
        : [
            { verdict: noai ? 'deny' : 'unknown' },
            ...(noindex ? [{ verdict: 'deny', needs: 'noindex' } as const] : []),
            ...(noarchive ? [{ verdict: 'deny', needs: 'noarchive' } as const] : []),
          ];
    return said.map((one) => createStatement({ ...source, fetchedAt: observed.fetchedAt }, one));
  });
}

function aiTxtStatements(question: Question): Statement[] {
  const { observed, purpose } = question;
  const file = observed.aiTxt;
  if (file?.text === undefined || purpose === 'search') return [];
  const answer = readAiTxt(file.text, observed.url, observed.mediaType);
  return answer ? [createStatement(hostSource(question, 'ai.txt', file, '/ai.txt'), answer)] : [];
}

/** Pay per crawl: we never pay. */
function priceStatements({ observed }: Question): Statement[] {
  if (observed.status !== 402) return [];
  const [price] = headerValues(observed, 'crawler-price');
  const source = { ...headerSource(observed, 'http-402', 'crawler-price'), text: price ?? '402' };
  return [createStatement(source, { verdict: 'conditional', ...(price !== undefined && { price }) })];
}
