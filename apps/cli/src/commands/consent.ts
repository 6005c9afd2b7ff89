// `gristmill consent`: what sites, books and licences said about training, what it costs, and what they say now.
import { trainingAgents } from '@gristmill/consent';
import { DataError, exitCode, type JsonObject } from '@gristmill/core';
import { consentReport, type ConsentReport, type Loss } from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import type { Command } from 'commander';
import { withCorpus } from '../open-corpus.ts';
import { parseCount } from '../parse-count.ts';
import { refreshHosts, type HostRefresh } from '../refresh-hosts.ts';
import { formatTable } from '../table.ts';
import { createTerminalProgress } from '../terminal-progress.ts';
import { untilSignal } from '../until-signal.ts';

interface Flags {
  readonly refresh?: boolean;
  readonly agents?: string;
  readonly asOf?: string;
  readonly agent?: string;
  readonly contact?: string;
  readonly hostMap?: string[];
  readonly allowPrivate?: boolean;
  readonly workers?: number;
  readonly json?: boolean;
}

export function registerConsent(program: Command): void {
  program
    .command('consent')
    .description(
      'What sites, books and licences said about training: documents and tokens lost by protocol and domain',
    )
    .argument('<dir>', 'the corpus')
    .option(
      '--refresh',
      'read the files of every host again (at most four requests each) and apply what they say',
    )
    .option(
      '--agents <preset>',
      `count a refusal of any bot of this list too: ${Object.keys(trainingAgents).join(', ')}`,
    )
    .option('--as-of <date>', 'what was said by then: 2026-11-30, or a moment in ISO 8601')
    .option('--agent <name>', 'product token that asks (default: that of the recipe’s crawls)')
    .option('--contact <url>', 'URL or e-mail address for those who wonder; needed off loopback')
    .option('--host-map <name=address:port>', 'send a host name there; may be given again', collect)
    .option('--allow-private', 'allow private and loopback addresses')
    .option('--workers <n>', 'threads; 0 = none (default: one a core)', parseCount)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  gristmill consent corpora/web --refresh --json\n')
    .action((dir: string, flags: Flags) => withCorpus(dir, (store) => consent(store, flags)));
}

function collect(value: string, list: string[] = []): string[] {
  return [...list, value];
}

async function consent(store: Store, flags: Flags): Promise<void> {
  const { agents, asOf, json } = flags;
  if (flags.refresh && asOf !== undefined)
    throw new DataError(
      'wrong-option',
      '--refresh asks for what is said now, --as-of for what was said',
      'give one of them',
    );
  const question = { agents, ...(asOf !== undefined && { asOf: parseMoment(asOf) }) };
  // A list that there is not is told before anybody is asked.
  if (flags.refresh) await consentReport(store, question);
  const refresh = flags.refresh ? await ask(store, flags) : undefined;
  if (flags.refresh && !refresh) return;
  const report = await consentReport(store, question);
  if (json) return void process.stdout.write(`${JSON.stringify({ ...report, refresh })}\n`);
  process.stdout.write(spellReport(report));
  if (refresh) process.stderr.write(spellRefresh(refresh));
}

/** Undefined when it was stopped. */
async function ask(store: Store, flags: Flags): Promise<HostRefresh | undefined> {
  const { agent, contact, hostMap, allowPrivate, workers } = flags;
  const given = Object.entries({ agent, contact, hostMap, allowPrivate });
  const where = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as JsonObject;
  const progress = createTerminalProgress(process.stderr);
  try {
    return await untilSignal(async (signal) => {
      try {
        return await refreshHosts(store, { where, workers, signal, progress });
      } catch (error) {
        if (!signal.aborted) throw error;
        process.stderr.write('stopped; what was read is kept, run the same command again\n');
        process.exitCode = exitCode.stopped;
        return undefined;
      }
    });
  } finally {
    progress.close();
  }
}

/** The end of a day that is named without a time. @throws DataError `wrong-date` */
function parseMoment(text: string): string {
  const moment = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.999Z` : text;
  const time = /^\d{4}-\d\d-\d\dT/.test(moment) ? Date.parse(moment) : NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new DataError('wrong-date', `${text} is no date`, 'write 2026-11-30 or 2026-11-30T12:00:00Z');
}

const shownDomains = 20;

function spellReport({ protocols, domains, ...report }: ConsentReport): string {
  const { lost, overridden, documents, notFetched, notYet, policy, asOf } = report;
  const lines = [
    `${asOf === undefined ? '' : `as of ${asOf}: `}${spellLoss(lost)} of ${documents.toLocaleString('en-US')} documents are lost to what was said (purpose ${policy.purpose})`,
    ...(overridden.documents > 0 ? [`${spellLoss(overridden)} are used by an agreement all the same`] : []),
    ...(notFetched > 0
      ? [`${notFetched.toLocaleString('en-US')} addresses were never fetched: robots.txt`]
      : []),
    ...(notYet > 0 ? [`${notYet.toLocaleString('en-US')} documents were not fetched by then`] : []),
  ];
  const said = Object.entries(protocols).map(([word, loss]) => [
    word,
    loss.obeyed ? 'yes' : 'no',
    ...[loss.documents, loss.alone, loss.tokens, loss.bytes],
  ]);
  const losing = Object.entries(domains).filter(([, loss]) => loss.documents > 0);
  const places = losing.slice(0, shownDomains).map(([domain, loss]) => {
    const by = Object.entries(loss.by).map(([word, amount]) => `${word} ${amount}`);
    return [domain, loss.documents, loss.of, loss.tokens, by.join(', ')];
  });
  const tables = [
    said.length > 0
      ? formatTable(['refuses', 'obeyed', 'documents', 'by it alone', 'tokens', 'bytes'], said)
      : '',
    places.length > 0 ? formatTable(['domain', 'lost', 'of', 'tokens', 'by'], places) : '',
    losing.length > shownDomains
      ? `${losing.length - shownDomains} more domains: --json lists them all\n`
      : '',
  ];
  return [`${lines.join('\n')}\n`, ...tables].filter((text) => text !== '').join('\n');
}

function spellLoss({ documents, tokens }: Loss): string {
  return `${documents.toLocaleString('en-US')} documents (about ${tokens.toLocaleString('en-US')} tokens)`;
}

function spellRefresh({ origins, failed, from, to, lost, gained, ...rows }: HostRefresh): string {
  const change =
    from === to
      ? 'nothing changed'
      : `build ${to}: ${lost.documents.toLocaleString('en-US')} documents less, ${gained.documents.toLocaleString('en-US')} more, ${rows.computedRows} rows computed, ${rows.reusedRows} reused`;
  const trouble = failed.map(({ url, reason }) => `${url}: ${reason}; what it said before still counts\n`);
  return `${origins.toLocaleString('en-US')} hosts were asked; ${change}\n${trouble.join('')}`;
}
