// A host's files, read again by themselves after its documents were fetched: what they say now counts in the place of
// what they said then. What a document says of itself stays.

import { trainingAgents } from './ai-agents.ts';
import { readStatements } from './read-statements.ts';
import type { Observed } from './observed.ts';
import type { Statement } from './statement.ts';
import { supersede } from './supersede.ts';

/** A file that was asked for and answered. One that could not be had for trouble is none. */
export interface ReadFile {
  readonly kind: 'robots' | 'tdmrep' | 'ai.txt' | 'rsl';
  readonly url: string;
  /** ISO 8601. */
  readonly fetchedAt: string;
  /** ISO 8601: since when it has said the same, in readings of this kind. Default: `fetchedAt`. */
  readonly since?: string;
  /** Undefined where there is no such file; a licence that could not be had licenses nothing. */
  readonly text?: string;
}

export interface HostReading {
  /** `https://example.org` */
  readonly origin: string;
  /** Product token that asked. */
  readonly agent: string;
  readonly files: readonly ReadFile[];
}

export interface ReadDocument {
  readonly url: string;
  /** ISO 8601: when it was last asked for, where it was fetched. */
  readonly fetchedAt?: string;
  readonly mediaType?: string;
}

/**
 * The statements of a document after its host's files were read again. Applied twice, or after an earlier reading, it
 * gives the same. A file that is not newer than what is known, or says the same of this document, changes nothing.
 */
export function applyReading(
  statements: readonly Statement[],
  document: ReadDocument,
  { agent, files }: HostReading,
): Statement[] {
  const own = statements.filter(({ later }) => !later).map(({ outdated: _, ...statement }) => statement);
  const newer = files.filter((file) => isNewer(file, own, document));
  const reader = { agent, agents: Object.values(trainingAgents).flat() };
  const said = readStatements({ ...document, ...observedOf(newer) }, reader);
  const at = (list: readonly Statement[], url: string) => list.filter(({ where }) => where === url);
  const changed = newer.filter(({ url }) => wordsOf(at(own, url)) !== wordsOf(at(said, url)));
  const isRead = new Set(changed.map(({ url }) => url));
  return supersede([
    ...own.map((statement) =>
      isRead.has(statement.where) ? { ...statement, outdated: true as const } : statement,
    ),
    ...said.flatMap((statement) =>
      isRead.has(statement.where) ? [{ ...statement, later: true as const }] : [],
    ),
  ]);
}

/** What statements say, whenever and in whichever line: those that neither allow nor refuse say nothing. */
function wordsOf(statements: readonly Statement[]): string {
  const speaking = statements.filter(
    ({ verdict, search = verdict }) => verdict !== 'unknown' || search !== 'unknown',
  );
  return JSON.stringify(
    speaking.map((one) => [one.protocol, one.raw, one.verdict, one.search, one.needs, one.policyUrl]),
  );
}

function isNewer({ url, fetchedAt }: ReadFile, own: readonly Statement[], document: ReadDocument): boolean {
  const dates = own.filter(({ where }) => where === url).flatMap((statement) => statement.fetchedAt ?? []);
  const known = dates.length > 0 ? dates.sort().at(-1)! : (document.fetchedAt ?? '');
  return fetchedAt > known;
}

function observedOf(files: readonly ReadFile[]): Partial<Observed> {
  const dated = files.map(({ kind, url, text, since, fetchedAt }) => ({
    kind,
    file: { url, fetchedAt: since ?? fetchedAt, ...(text !== undefined && { text }) },
  }));
  const of = (wanted: ReadFile['kind']) =>
    dated.filter(({ kind }) => kind === wanted).map(({ file }) => file);
  const [[robots], [tdmrep], [aiTxt], rsl] = [of('robots'), of('tdmrep'), of('ai.txt'), of('rsl')];
  return { robots, tdmrep, aiTxt, rsl };
}
