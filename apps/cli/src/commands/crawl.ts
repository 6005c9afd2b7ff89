// `gristmill crawl`: sites into a folder of WARC files. Stopped at any moment, the same command goes on.
import { DataError, exitCode, type JsonObject } from '@gristmill/core';
import {
  crawl,
  outlineCrawl,
  readPlan,
  readRoute,
  type CrawlOutline,
  type CrawlReport,
  type SeedOutline,
} from '@gristmill/crawl';
import { InvalidArgumentError, type Command } from 'commander';
import { createCrawlProgress } from '../crawl-progress.ts';
import { untilSignal } from '../until-signal.ts';

interface Flags {
  readonly out: string;
  readonly maxPages?: number;
  readonly maxDepth?: number;
  readonly scope?: string;
  readonly include?: string[];
  readonly exclude?: string[];
  readonly mediaType?: string[];
  readonly traps: boolean;
  readonly delayMs?: number;
  readonly connectionsPerHost?: number;
  readonly agent?: string;
  readonly contact?: string;
  readonly hostMap?: string[];
  readonly allowPrivate?: boolean;
  readonly allow?: string[];
  readonly refresh?: true | 'all' | 'due';
  readonly sign?: string;
  readonly dryRun?: boolean;
}

export function registerCrawl(program: Command): void {
  program
    .command('crawl')
    .description('Crawl sites into a folder of WARC files; run again to go on')
    .argument('<url...>', 'where to start')
    .requiredOption('--out <dir>', "folder for WARC files and the crawl's state")
    .option('--max-pages <n>', 'stop after so many documents', parseCount)
    .option('--max-depth <n>', 'follow links so many steps from a seed', parseCount)
    .option('--scope <scope>', 'host, domain, path (below the folder of a seed), or pattern (host)')
    .option(
      '--include <pattern>',
      'whole addresses of --scope pattern, `*` is any run; may be given again',
      collect,
    )
    .option('--exclude <pattern>', 'addresses that are left out; may be given again', collect)
    .option('--media-type <type>', 'of documents (HTML and XHTML); may be given again', collect)
    .option('--no-traps', 'also follow addresses that a site seems to make up without end')
    .option(
      '--delay-ms <ms>',
      'from one request to a host to the next, ± 10 % (1000; 0 on loopback)',
      parseCount,
    )
    .option('--connections-per-host <n>', 'requests at a time (1; 4 on loopback)', parseCount)
    .option('--agent <name>', 'product token, also looked up in robots.txt; needed off loopback')
    .option('--contact <url>', 'URL or e-mail address for those who wonder; needed off loopback')
    .option('--host-map <name=address:port>', 'send a host name there; may be given again', collect)
    .option('--allow-private', 'allow private and loopback addresses')
    .option('--allow <range>', 'allow these addresses: loopback, or a CIDR; may be given again', collect)
    .option(
      '--refresh [which]',
      'ask again, conditionally, for what is there: all, or due by how often it changed',
      parseRefresh,
    )
    .option('--sign <file>', 'sign requests with this key (gristmill bot-key)')
    .option('--dry-run', 'ask for robots.txt alone, and say what would be done')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill crawl http://127.0.0.1:8080/ --out crawl --allow-private --max-pages 100\n',
    )
    .action(runCrawl);
}

function parseCount(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('use a whole number.');
}

function parseRefresh(value: string): 'all' | 'due' {
  if (value === 'all' || value === 'due') return value;
  throw new InvalidArgumentError('use all or due.');
}

function collect(value: string, list: string[] = []): string[] {
  return [...list, value];
}

async function runCrawl(seeds: string[], flags: Flags): Promise<void> {
  const { maxPages, maxDepth, scope, include, exclude, mediaType: mediaTypes, traps, ...given } = flags;
  const { delayMs, connectionsPerHost, agent, contact, hostMap, allowPrivate, allow, sign } = given;
  const plan = readPlan(
    withoutUndefined({ seeds, scope, include, exclude, mediaTypes, traps, maxPages, maxDepth }),
  );
  const route = readRoute(
    withoutUndefined({ delayMs, connectionsPerHost, agent, contact, hostMap, allowPrivate, allow, sign }),
    plan.seeds,
  );
  const { out: folder, refresh = false } = flags;
  await untilSignal(async (signal) => {
    if (flags.dryRun) {
      process.stdout.write(describeOutline(await outlineCrawl({ plan, route, signal, folder })));
      return;
    }
    const report = await crawl({
      plan,
      route,
      signal,
      folder,
      refresh,
      onProgress: createCrawlProgress(process.stderr),
    });
    finish(report, signal.aborted);
  }).catch((error: unknown) => {
    throw diskError(error, folder);
  });
}

function withoutUndefined(values: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as JsonObject;
}

/** What would be done, as lines for people. */
function describeOutline({ seeds, scope, folder, ...more }: CrawlOutline): string {
  const { userAgent, maxPages, maxDepth, mostPagesPerSecond } = more;
  const limits = [
    ...(maxPages === undefined ? [] : [`at most ${maxPages} documents`]),
    ...(maxDepth === undefined ? [] : [`at most ${maxDepth} links from a seed`]),
  ];
  const lines = [
    `asks as ${userAgent}`,
    `follows links within the ${scope} of a seed; ${limits.join(', ') || 'no limit'}`,
    ...seeds.map(describeSeed),
    ...(mostPagesPerSecond === undefined
      ? []
      : [`at most ${mostPagesPerSecond.toFixed(1)} documents a second`]),
    folder
      ? `goes on with ${folder.pages} documents and ${folder.waiting} URLs waiting`
      : 'begins in a new folder',
  ];
  return `${lines.join('\n')}\n`;
}

function describeSeed({ url, verdict, line, reason, delayMs, sitemaps }: SeedOutline): string {
  const words = {
    fetched: 'would be fetched',
    disallowed: 'is forbidden by robots.txt',
    'too-slow': 'is left alone: robots.txt asks for too long a delay',
    'robots-missing': 'waits: robots.txt cannot be had now',
    unreachable: 'cannot be reached',
  };
  const facts = [
    words[verdict] +
      (line === undefined ? '' : ` (line ${line})`) +
      (reason === undefined ? '' : ` (${reason})`),
    `${delayMs} ms between requests`,
    ...(sitemaps.length > 0 ? [`${sitemaps.length} sitemaps`] : []),
  ];
  return `  ${url} ${facts.join(', ')}`;
}

function finish(report: CrawlReport, stopped: boolean): void {
  const { pages, waiting, bytes, outcomes, complete, waitsFor } = report;
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const counts = Object.entries(outcomes)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  const size = (bytes / 1e6).toFixed(1);
  process.stderr.write(
    `${pages} documents (${size} MB) in the folder; this run: ${counts || 'nothing to do'}\n`,
  );
  for (const [seed, target] of Object.entries(report.strays))
    process.stderr.write(
      `${seed} leads to ${target}, which is out of the scope: give that address to start from\n`,
    );
  if (stopped) {
    process.stderr.write(`stopped with ${waiting} URLs waiting; run the same command to go on\n`);
    process.exitCode = exitCode.stopped;
  } else if (waitsFor.length > 0 && !complete) {
    process.stderr.write(
      `waiting for ${waitsFor.join(', ')}, which asked to come back later or cannot be reached; run the same command then to go on\n`,
    );
    process.exitCode = exitCode.stopped;
    return;
  } else if (!complete) process.exitCode = exitCode.failed;
  if (pages === 0 && !stopped) throw nothingFetched(report);
}

/** The one thing that was asked for could not be had. */
function nothingFetched({ reasons, strays }: CrawlReport): DataError {
  const away = Object.entries(strays).map(([seed, target]) => `${seed} leads to ${target}`);
  const causes = [...Object.keys(reasons), ...away].join(', ') || 'the servers gave no document';
  const hint =
    'address-refused' in reasons
      ? 'private and loopback addresses need --allow-private, or --allow with a range'
      : away.length > 0
        ? 'start from the address that it leads to'
        : 'check the address in a browser; robots.txt of the site decides what may be fetched';
  return new DataError('nothing-fetched', `no document was fetched: ${causes}`, hint);
}

function diskError(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof DataError || !code || !/^E[A-Z]+$/.test(code)) return error;
  return new DataError(
    'output-unwritable',
    `${folder} cannot be written (${code})`,
    'check space and permissions',
    {
      cause: error,
    },
  );
}
