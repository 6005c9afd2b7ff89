// `gristmill bot-key`: a key pair for signed requests (Web Bot Auth), and the files by which a site tells whose it is.
import { DataError } from '@gristmill/core';
import {
  createBotKey,
  directoryHeaders,
  keyDirectory,
  keyIdOf,
  publicKeyOf,
  userAgent,
} from '@gristmill/http';
import type { Command } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Flags {
  readonly out: string;
  readonly site?: string;
  readonly agent: string;
  readonly contact?: string;
  readonly days: string;
}

const keyFile = 'bot-key.json';
const daySeconds = 24 * 3600;

export function registerBotKey(program: Command): void {
  program
    .command('bot-key')
    .description('Make a key by which a crawl signs its requests, and the files that its site publishes')
    .requiredOption('--out <dir>', 'new folder for the key, its directory and its card')
    .option('--site <origin>', 'https origin that publishes the directory, named in each request')
    .option('--agent <name>', 'product token of the crawler', 'gristmill')
    .option('--contact <url>', 'URL or e-mail address for those who wonder')
    .option('--days <n>', "how long the directory's own signature holds", '365')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill bot-key --out key --site https://bot.example.org --contact https://example.org/bot\n',
    )
    .action(runBotKey);
}

async function runBotKey({ out, site: given, agent, contact, days }: Flags): Promise<void> {
  const site = given === undefined ? undefined : readSite(given);
  const botKey = createBotKey(site);
  const kid = keyIdOf(botKey);
  const created = Math.floor(Date.now() / 1000);
  const keys = [{ ...publicKeyOf(botKey), kid, use: 'sig', alg: 'EdDSA', nbf: created }];
  const card = {
    client_name: userAgent(agent),
    ...(site !== undefined && { client_uri: site }),
    ...(contact !== undefined && { contacts: [contact] }),
    'rfc9309-product-token': agent,
    'rfc9309-compliance': [
      'User-Agent',
      'Allow',
      'Disallow',
      'Crawl-delay',
      'Content-Usage',
      'Content-Signal',
    ],
    trigger: 'crawler',
    purpose: 'ai-train',
    ...(site !== undefined && { jwks_uri: site + keyDirectory.path }),
    keys,
  };
  const write = (name: string, value: object, mode = 0o644) =>
    writeFile(join(out, name), `${JSON.stringify(value, undefined, 2)}\n`, { flag: 'wx', mode });
  await mkdir(out, { recursive: true });
  await write(keyFile, botKey, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new DataError(
      'output-exists',
      `${out} holds a key already`,
      'name a new folder: a key is never replaced',
    );
  });
  await write('http-message-signatures-directory', { keys });
  await write('signature-agent-card.json', card);
  if (site !== undefined)
    await write(
      'directory-headers.json',
      directoryHeaders(botKey, site, created, created + Number(days) * daySeconds),
    );
  process.stdout.write(
    [
      `key ${kid}`,
      `  ${keyFile}: for crawl --sign; keep it secret`,
      `  http-message-signatures-directory: publish it at ${site ?? 'https://your-site'}${keyDirectory.path}`,
      ...(site === undefined ? [] : ['  directory-headers.json: the headers of that answer']),
      '  signature-agent-card.json: what the bot is, for registries',
      '',
    ].join('\n'),
  );
}

/** @throws DataError `bad-site` for what is no https origin */
function readSite(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search === '') return url.origin;
  throw new DataError('bad-site', `${text} is no https origin`, 'write it as https://bot.example.org');
}
