// A crawl's progress for people: a line that rewrites itself on a terminal, elsewhere one for every thousand documents and
// for every half minute.

import type { CrawlProgress, Outlook, WaitReason } from '@gristmill/crawl';
import { spellSeconds } from './terminal-progress.ts';

const lineDocuments = 1000;
const lineMs = 30_000;

const reasons: Readonly<Record<WaitReason, string>> = {
  answering: 'answering',
  delay: 'between requests',
  turn: 'in turn',
  robots: 'without robots.txt',
  later: 'asked to come back later',
};

/** @example describeProgress(…) // 'crawl: 12 documents, 4.1 a second, …' */
export function describeProgress({ pages, waiting, bytes }: CrawlProgress, outlook?: Outlook): string {
  const counts = `crawl: ${pages} documents, ${waiting} URLs waiting, ${(bytes / 1e6).toFixed(1)} MB`;
  if (!outlook) return counts;
  const { pagesPerSecond, hosts, secondsLeft } = outlook;
  const all = Object.values(hosts).reduce((sum, count) => sum + count, 0);
  const stands = Object.entries(hosts).map(([reason, count]) => `${count} ${reasons[reason as WaitReason]}`);
  return [
    counts,
    `${pagesPerSecond.toFixed(1)} a second`,
    ...(all > 0 ? [`${all} ${all === 1 ? 'host' : 'hosts'} (${stands.join(', ')})`] : []),
    ...(secondsLeft === undefined ? [] : [`${spellSeconds(secondsLeft)} left for what is known`]),
  ].join(', ');
}

/** @param now in milliseconds */
export function createCrawlProgress(
  stream: NodeJS.WriteStream,
  now: () => number = () => performance.now(),
): (progress: CrawlProgress, outlook?: Outlook) => void {
  const isTerminal = stream.isTTY === true;
  let last: Outlook | undefined;
  let [told, toldAt] = [0, now()];
  return (progress, outlook) => {
    last = outlook ?? last;
    const isDue =
      progress.pages - told >= lineDocuments || (outlook !== undefined && now() - toldAt >= lineMs);
    const line = describeProgress(progress, last);
    if (isTerminal && outlook) stream.write(`\r\x1b[K${fit(line, stream.columns)}`);
    else if (!isTerminal && isDue) {
      stream.write(`${line}\n`);
      [told, toldAt] = [progress.pages, now()];
    }
  };
}

/** A line that wraps is not rewritten. */
function fit(line: string, columns = 80): string {
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}
