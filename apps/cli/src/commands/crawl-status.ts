// `gristmill crawl-status`: what a crawl's folder holds, host by host, and which links are dead, with the page that links.
import { readCrawlStatus, type CrawlStatus, type HostStatus } from '@gristmill/crawl';
import { InvalidArgumentError, type Command } from 'commander';

interface Flags {
  readonly agent?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function registerCrawlStatus(program: Command): void {
  program
    .command('crawl-status')
    .description(
      'Hosts of a crawl, what they wait for, what was refused, and dead links with the page that links',
    )
    .argument('<dir>', 'folder of a crawl, also one at work')
    .option('--agent <name>', 'product token by which robots.txt is read', 'gristmill')
    .option('--limit <n>', 'dead links and hosts to print', parseCount, 50)
    .option('--json', 'everything as one JSON object')
    .addHelpText('after', '\nExample:\n  gristmill crawl-status crawl/ --limit 20\n')
    .action(runCrawlStatus);
}

function parseCount(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('use a whole number.');
}

async function runCrawlStatus(folder: string, { agent, limit, json }: Flags): Promise<void> {
  const status = await readCrawlStatus(folder, agent);
  process.stdout.write(json ? `${JSON.stringify(status)}\n` : describe(status, limit));
}

function describe({ pages, known, waiting, hosts, deadLinks, cuts }: CrawlStatus, limit: number): string {
  const lines = [`${pages} documents, ${known} URLs known, ${waiting} waiting, ${hosts.length} hosts`];
  lines.push(...hosts.slice(0, limit).map(describeHost), ...more(hosts.length - limit, 'hosts'));
  if (deadLinks.length > 0) lines.push('', `${deadLinks.length} dead links:`);
  lines.push(
    ...deadLinks
      .slice(0, limit)
      .map(
        ({ url, status, via }) => `  ${url} (${status})${via === undefined ? '' : `, linked from ${via}`}`,
      ),
    ...more(deadLinks.length - limit, 'dead links'),
  );
  lines.push(...describeCuts(cuts, limit));
  return `${lines.join('\n')}\n`;
}

/** By host and rule: how many, and the first of them. */
function describeCuts(cuts: CrawlStatus['cuts'], limit: number): string[] {
  if (cuts.length === 0) return [];
  const groups = [...Map.groupBy(cuts, ({ host, rule }) => `${host}: ${rule}`)];
  const lines = groups
    .slice(0, limit)
    .flatMap(([name, urls]) => [
      `  ${name}, ${urls.length} addresses: ${ruleWords[urls[0].rule]}`,
      ...urls
        .slice(0, 3)
        .map(({ url, via }) => `    ${url}${via === undefined ? '' : `, linked from ${via}`}`),
    ]);
  return [
    '',
    `${cuts.length} addresses left out as traps:`,
    ...lines,
    ...more(groups.length - limit, 'rules'),
  ];
}

const ruleWords: Readonly<Record<CrawlStatus['cuts'][number]['rule'], string>> = {
  'url-too-long': 'more than 2,000 characters',
  'path-too-deep': 'more than 25 folders',
  'path-repeats': 'folders that repeat themselves',
  'session-id': 'names a session; followed without it',
  'far-date': 'a date more than two years ahead',
  'permuted-parameters': 'the parameters of another address in another order',
  'nothing-new': 'the last pages of its like said nothing new and led nowhere else',
};

function describeHost({ host, pages, waiting, outcomes, ...robots }: HostStatus): string {
  const { crawlDelay, trouble, retryAt, givenUp } = robots;
  const facts = [
    `${pages} documents`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...Object.entries(outcomes).map(
      ([name, count]) => `${count} ${name === 'robots' ? 'forbidden by robots.txt' : name}`,
    ),
    ...(crawlDelay === undefined ? [] : [`robots.txt asks for ${crawlDelay} s between requests`]),
    ...(givenUp === undefined ? [] : [`given up: ${reasons[givenUp]}`]),
    ...(trouble === undefined
      ? []
      : [`robots.txt could not be had (${trouble}), asked again from ${retryAt} or by the next run`]),
  ];
  return `  ${host}: ${facts.join(', ')}`;
}

const reasons = {
  'host-silent': 'too many requests in a row without an answer',
  'host-forbids': 'too many requests in a row forbidden (403)',
};

const more = (count: number, what: string): string[] =>
  count > 0 ? [`  and ${count} more ${what}: --limit, --json`] : [];
