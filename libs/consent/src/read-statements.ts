// All that was said about one document, as it was fetched, in one list. What each protocol means stands in its own file.

import { readAiTxt } from './ai-txt.ts';
import { usageVerdict } from './aipref.ts';
import { signalVerdict } from './content-signal.ts';
import { dataMiningVerdicts } from './data-mining.ts';
import { matchesPath } from './path-pattern.ts';
import { perText } from './per-text.ts';
import { verdicts } from './purpose.ts';
import { createStatement, strictest, type StatementSource } from './raw-text.ts';
import { productToken, readDirectives, refusals } from './robots-directives.ts';
import { groupsFor, matchRobots } from './robots-match.ts';
import { parseRobots, type Robots, type RobotsNote } from './robots.ts';
import { readRsl } from './rsl.ts';
import type { HostFile, Observed, Reader } from './observed.ts';
import type { Statement, Verdict } from './statement.ts';
import { supersede } from './supersede.ts';
import { readTdmFile, reservationVerdict } from './tdmrep.ts';

interface Question {
  readonly observed: Observed;
  readonly reader: Reader;
}

/**
 * Every statement, also those that count only in a reading that the reader leaves out (`needs`), with what each says of
 * training and of a search index. `superseded` is settled. Never throws, whatever the texts are.
 */
export function readStatements(observed: Observed, reader: Reader): Statement[] {
  const question: Question = { observed, reader };
  return [
    ...robotsStatements(question),
    ...headerStatements(question),
    ...tdmStatements(question),
    ...rslStatements(question),
    ...directiveStatements(question),
    ...aiTxtStatements(question),
    ...dataMiningStatements(question),
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

const readRobots = perText((text) => ({ robots: parseRobots(text), lines: text.split(/\r\n|\r|\n/) }));

/** Access, and the lines of our group that speak of use. Paths that may not be fetched have no preference. */
function robotsStatements(question: Question): Statement[] {
  const { observed, reader } = question;
  const file = observed.robots;
  if (file?.text === undefined) return [];
  const { robots, lines } = readRobots(file.text);
  const source = (protocol: Statement['protocol']) => hostSource(question, protocol, file, '/robots.txt');
  const said = (line: number | undefined, verdict: Verdict, search = verdict) => ({
    ...verdicts(verdict, search),
    ...(line !== undefined && { rule: line, words: lines[line - 1] ?? '' }),
  });
  const own = matchRobots(robots, reader.agent, observed.url);
  const statements = [createStatement(source('robots'), said(own.line, own.allowed ? 'unknown' : 'deny'))];
  if (!own.allowed) return statements;
  const refused = refusalOf(robots, reader.agents ?? [], observed.url);
  if (refused)
    statements.push(
      createStatement(source('robots'), { ...said(refused.line, 'deny', 'unknown'), needs: 'agents' }),
    );
  const groups = groupsFor(robots, reader.agent);
  const notes = groups.length > 0 ? groups.flatMap((group) => group.notes) : robots.notes;
  for (const { line, preference } of usageOf(notes, observed.url))
    statements.push(
      ...usageSaid(preference).map((usage) =>
        createStatement(source('aipref'), { ...said(line, usage.verdict), ...usage }),
      ),
    );
  for (const { kind, value, line } of notes)
    if (kind === 'content-signal')
      statements.push(
        createStatement(
          source('content-signal'),
          said(line, signalVerdict(value, 'train'), signalVerdict(value, 'search')),
        ),
      );
  return statements;
}

/** What a dictionary says, and beside it what older labels refuse. */
function usageSaid(dictionary: string): Pick<Statement, 'verdict' | 'search' | 'needs'>[] {
  const { verdict, old } = usageVerdict(dictionary, 'train');
  const said = verdicts(verdict, usageVerdict(dictionary, 'search').verdict);
  if (old !== 'deny' || verdict === 'deny') return [said];
  return [said, { verdict: old, search: 'unknown', needs: 'oldLabels' }];
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

function headerStatements({ observed }: Question): Statement[] {
  const usage = headerValues(observed, 'content-usage').join(', '); // several lines are one dictionary
  const signals = headerValues(observed, 'content-signal');
  const of = (protocol: Statement['protocol'], name: string, text: string) => ({
    ...headerSource(observed, protocol, name),
    text,
  });
  const signal = (purpose: 'train' | 'search') =>
    strictest(signals.map((value) => signalVerdict(value, purpose)));
  return [
    ...(usage === '' ? [] : usageSaid(usage)).map((said) =>
      createStatement(of('aipref', 'content-usage', usage), said),
    ),
    ...(signals.length === 0
      ? []
      : [
          createStatement(
            of('content-signal', 'content-signal', signals.join(', ')),
            verdicts(signal('train'), signal('search')),
          ),
        ]),
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
  const { observed } = question;
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
  return supersede(statements).map(({ search: _, ...statement }) => ({
    ...statement,
    ...verdicts(statement.verdict, 'unknown'), // a search engine is no mining for training
  }));
}

function rslStatements(question: Question): Statement[] {
  const { observed } = question;
  return (observed.rsl ?? []).flatMap((file) => {
    const source = hostSource(question, 'rsl', file, '/license.xml');
    // A licence that cannot be had licenses nothing.
    if (file.text === undefined) return [createStatement(source, { verdict: 'deny', words: source.where })];
    const answer = readRsl(file.text, observed.url, 'train');
    const search = answer && readRsl(file.text, observed.url, 'search')!.verdict;
    return answer && search
      ? [createStatement(source, { ...answer, ...verdicts(answer.verdict, search) })]
      : [];
  });
}

function directiveStatements({ observed, reader }: Question): Statement[] {
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
    const said: Pick<Statement, 'verdict' | 'search' | 'needs'>[] = [
      verdicts(noai ? 'deny' : 'unknown', noindex ? 'deny' : 'unknown'),
      ...(noindex ? [{ verdict: 'deny', search: 'unknown', needs: 'noindex' } as const] : []),
      ...(noarchive ? [{ verdict: 'deny', search: 'unknown', needs: 'noarchive' } as const] : []),
    ];
    return said.map((one) => createStatement({ ...source, fetchedAt: observed.fetchedAt }, one));
  });
}

function aiTxtStatements(question: Question): Statement[] {
  const { observed } = question;
  const file = observed.aiTxt;
  if (file?.text === undefined) return [];
  const answer = readAiTxt(file.text, observed.url, observed.mediaType);
  if (!answer) return [];
  const said = { ...answer, ...verdicts(answer.verdict, 'unknown') };
  return [createStatement(hostSource(question, 'ai.txt', file, '/ai.txt'), said)];
}

function dataMiningStatements({ observed: { embedded, fetchedAt } }: Question): Statement[] {
  if (embedded?.dataMining === undefined) return [];
  const { where, dataMining: text } = embedded;
  const [train, search] = dataMiningVerdicts(text);
  return [createStatement({ protocol: 'iptc', where, text, fetchedAt }, verdicts(train, search))];
}

/** Pay per crawl: we never pay. */
function priceStatements({ observed }: Question): Statement[] {
  if (observed.status !== 402) return [];
  const [price] = headerValues(observed, 'crawler-price');
  const source = { ...headerSource(observed, 'http-402', 'crawler-price'), text: price ?? '402' };
  return [createStatement(source, { verdict: 'conditional', ...(price !== undefined && { price }) })];
}
