// All that was said about the use of one document: by its host, in the answer, in the page. Every reading is kept, since
// select decides which count.

import {
  licenceLinks,
  readStatements,
  trainingAgents,
  type Observed,
  type Statement,
} from '@gristmill/consent';
import type { ReadAnswer } from './answer.ts';
import { toHostFile, type HostFiles } from './host-files.ts';
import type { OriginRules, RobotsRules } from './robots-rules.ts';

/** Licences that one page may name. */
const mostLicences = 2;

interface Asked {
  readonly url: string;
  /** ISO 8601. */
  readonly fetchedAt: string;
  readonly agent: string;
}

export async function gatherStatements(
  { robots, hostFiles }: { readonly robots: RobotsRules; readonly hostFiles: HostFiles },
  { url, fetchedAt, agent, said }: Asked & { readonly said: NonNullable<ReadAnswer['said']> },
): Promise<Statement[]> {
  const rules = await robots.of(url);
  const { links, ...answer } = said;
  const named = licenceLinks({ url, agent, robots: rules.robots, headers: answer.headers, links });
  const rsl = await Promise.all(named.slice(0, mostLicences).map((link) => hostFiles.licence(link)));
  const files = { ...(await hostFiles.of(url)), ...robotsFile(rules), rsl };
  return readStatements({ url, fetchedAt, ...answer, ...files }, readerOf(agent));
}

/** Of a page that may not be fetched: its host's other files need not be asked. */
export function robotsStatements(rules: OriginRules, { url, fetchedAt, agent }: Asked): Statement[] {
  return readStatements({ url, fetchedAt, ...robotsFile(rules) }, readerOf(agent));
}

export function robotsFile({ file }: OriginRules): Pick<Observed, 'robots'> {
  return file.body ? { robots: toHostFile(file) } : {};
}

export const readerOf = (agent: string) => ({ agent, agents: Object.values(trainingAgents).flat() });
