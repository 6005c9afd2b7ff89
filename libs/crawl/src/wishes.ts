// A site's word about a document, over time: what it said last counts, also when it said so in an answer without a body
// (304), in robots.txt, or beside an unchanged page. What an answer leaves out stays as it was said before, where only an
// answer of another form could have said it.

import { supersede, type Statement } from '@gristmill/consent';
import { later, type FetchLogEntry } from './fetch-log.ts';

export interface Wishes {
  /** The last entry in which anything was said. */
  readonly spoken?: FetchLogEntry;
  /** The last of them that had a body. */
  readonly read?: FetchLogEntry;
}

export function laterWishes(held: Wishes | undefined, entry: FetchLogEntry): Wishes {
  const says = entry.statements !== undefined;
  const spoken = says ? later(held?.spoken, entry) : held?.spoken;
  const read = says && entry.digest !== undefined ? later(held?.read, entry) : held?.read;
  return { ...(spoken && { spoken }), ...(read && { read }) };
}

/**
 * The newest word of each place. An answer without a body repeats no header and no element of the page: those of the
 * last one with a body count on, unless it says something else in the same place.
 */
export function currentStatements(
  { spoken, read }: Wishes,
  revision: FetchLogEntry | undefined,
): readonly Statement[] {
  if (!spoken) return revision ? statementsOfOldLog(revision) : [];
  const newest = spoken.statements!;
  if (!read || read === spoken) return newest;
  const places = new Set(newest.map(({ where }) => where));
  const stays = ({ where }: Statement) => /^(?:header|meta) /.test(where) && !places.has(where);
  return supersede([...newest, ...read.statements!.filter(stays)]);
}

/** Logs of earlier versions kept the words alone. */
function statementsOfOldLog({ directives = [], tdmReserved, date }: FetchLogEntry): Statement[] {
  const statement = (protocol: Statement['protocol'], raw: string): Statement => ({
    ...{ protocol, raw, where: 'fetch log', sha256: '', fetchedAt: date, verdict: 'deny' },
    ...(protocol === 'meta-robots' && raw !== 'noai' && { needs: 'noindex' }),
  });
  return [
    ...directives
      .filter((word) => ['noai', 'noindex', 'none'].includes(word))
      .map((word) => statement('meta-robots', word)),
    ...(tdmReserved ? [statement('tdmrep', '1')] : []),
  ];
}
