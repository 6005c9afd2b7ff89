// `gristmill tokens`: how well a tokenizer fits the corpus that was packed with it, and how far it has drifted.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@gristmill/core';
import { openBuiltTokens, requireLastRun } from '@gristmill/corpus';
import {
  measureDrift,
  reportTokens,
  takeCensus,
  type ReportedToken,
  type TokenCensus,
  type TokenDrift,
  type TokenReport,
} from '@gristmill/pack';
import { openTokens, type Tokens } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { loadTokenizer, type Tokenizer } from '@gristmill/tokenizer';
import type { Command } from 'commander';
import { withCorpus } from '../open-corpus.ts';
import { formatTable } from '../table.ts';
import { censusFile, readCensus, writeCensus } from '../token-census-file.ts';

interface Flags {
  readonly since?: string;
  readonly record?: string;
  readonly long: string;
  readonly limit: string;
  readonly json?: boolean;
}

export function registerTokens(program: Command): void {
  program
    .command('tokens')
    .description('Bytes per token by source and language, unused and over-long tokens, drift since the pin')
    .argument('<dir>', 'the corpus, or a folder tokens/<key> of one')
    .option('--since <file>', 'the census to compare with (default: the one beside the pinned tokenizer)')
    .option('--record <file>', 'write the census of the tokens here')
    .option('--long <n>', 'a token of more bytes than this is over-long', '16')
    .option('--limit <n>', 'tokens listed of each kind', '20')
    .option('--json', 'print JSON lines: {kind: total | group | unused | long | drift | moved, …}')
    .addHelpText('after', '\nExample:\n  gristmill tokens demo-output/corpus\n')
    .action((dir: string, flags: Flags) => withTokens(dir, (tokens, store) => show(tokens, store, flags)));
}

async function withTokens(
  dir: string,
  work: (tokens: Tokens, store: Store | undefined) => Promise<void>,
): Promise<void> {
  const isFolder = await stat(join(dir, 'index.json')).then(
    () => true,
    () => false,
  );
  if (isFolder) return useTokens(await openTokens(dir), (tokens) => work(tokens, undefined));
  await withCorpus(dir, async (store) => {
    await useTokens(await openBuiltTokens(store), (tokens) => work(tokens, store));
  });
}

async function useTokens(tokens: Tokens, work: (tokens: Tokens) => Promise<void>): Promise<void> {
  try {
    await work(tokens);
  } finally {
    await tokens.close();
  }
}

async function show(tokens: Tokens, store: Store | undefined, flags: Flags): Promise<void> {
  const census = await takeCensus(tokens);
  const tokenizer = loadTokenizer(await tokens.tokenizer());
  if (flags.record !== undefined) await writeCensus(flags.record, census);
  const then = await findCensus(census.tokenizer, store, flags.since);
  const report = reportTokens(census, tokenizer, Number(flags.long));
  const drift = then && measureDrift(then, census);
  const limit = Number(flags.limit);
  if (flags.json) writeLines(report, { drift, tokenizer, limit });
  else process.stdout.write(spell(report, { drift, tokenizer, limit }));
}

async function findCensus(
  tokenizer: string,
  store: Store | undefined,
  since: string | undefined,
): Promise<TokenCensus | undefined> {
  if (since !== undefined) {
    const census = await readCensus(since);
    if (census !== undefined) return census;
    throw new DataError('input-unreadable', `${since} cannot be read`, 'check the path');
  }
  const last = store && (await requireLastRun(store).catch(() => undefined));
  return last && readCensus(censusFile(last.lock, tokenizer));
}

interface Shown {
  readonly drift?: TokenDrift;
  readonly tokenizer: Tokenizer;
  readonly limit: number;
}

const rate = ({ bytes, tokens }: { bytes: number; tokens: number }): number | undefined =>
  tokens === 0 ? undefined : Math.round((1000 * bytes) / tokens) / 1000;

function writeLines(report: TokenReport, { drift, tokenizer, limit }: Shown): void {
  const print = (kind: string, value: object): void =>
    void process.stdout.write(`${JSON.stringify({ kind, ...value })}\n`);
  const { documents, tokens, bytes, vocabulary, unusedBytes, longBytes } = report;
  const counts = {
    vocabulary,
    unused: report.unused.length,
    unusedBytes,
    long: report.long.length,
    longBytes,
  };
  print('total', { documents, tokens, bytes, bytesPerToken: rate(report), ...counts });
  for (const group of report.groups) print('group', { ...group, bytesPerToken: rate(group) });
  for (const token of report.unused.slice(0, limit)) print('unused', token);
  for (const token of report.long.slice(0, limit)) print('long', token);
  if (drift === undefined) return;
  const { then, now, divergence } = drift;
  print('drift', { then, now, divergence });
  for (const group of drift.groups) print('drift', group);
  for (const moved of drift.moved.slice(0, limit))
    print('moved', { ...moved, text: tokenizer.decode([moved.id]) });
}

function spell(report: TokenReport, { drift, tokenizer, limit }: Shown): string {
  const heading = ['documents', 'bytes', 'tokens', 'bytes per token'];
  const cells = (sums: { documents: number; bytes: number; tokens: number }) => [
    sums.documents,
    sums.bytes,
    sums.tokens,
    rate(sums),
  ];
  const parts = [
    formatTable(
      ['source', ...heading],
      [...report.sources.map((sums) => [sums.source, ...cells(sums)]), ['all', ...cells(report)]],
    ),
    formatTable(
      ['language', ...heading],
      report.languages.map((sums) => [sums.language ?? 'unknown', ...cells(sums)]),
    ),
    `${share(report.unused.length, report.vocabulary)} of the vocabulary's ${report.vocabulary.toLocaleString('en-US')} tokens are unused; so are ${report.unusedBytes} of the 256 single bytes.\n`,
    listTokens('unused', report.unused, limit),
    `${share(report.long.length, report.vocabulary)} have more than ${report.longBytes} bytes.\n`,
    listTokens('over-long', report.long, limit),
    drift ? spellDrift(drift, tokenizer, limit) : 'No census was recorded when the tokenizer was pinned.\n',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const share = (part: number, whole: number): string =>
  `${part.toLocaleString('en-US')} (${((100 * part) / Math.max(1, whole)).toFixed(1)} %)`;

function listTokens(name: string, tokens: readonly ReportedToken[], limit: number): string {
  if (tokens.length === 0 || limit === 0) return '';
  const rows = tokens
    .slice(0, limit)
    .map(({ id, text, bytes, count }) => [id, JSON.stringify(text), bytes, count]);
  return formatTable(['id', name, 'bytes', 'times'], rows);
}

function spellDrift(
  { then, now, divergence, groups, moved }: TokenDrift,
  tokenizer: Tokenizer,
  limit: number,
) {
  const round = (value: number | undefined) => value && Math.round(1000 * value) / 1000;
  const perMillion = (value: number): number => Math.round(1e6 * value);
  return [
    `Since the pin: divergence of the tokens ${divergence.toFixed(4)} bits (0 = the same, 1 = nothing in common).\n`,
    formatTable(
      ['bytes per token', 'language', 'at the pin', 'now'],
      [
        ...groups.map((group) => [group.source, group.language ?? '', round(group.then), round(group.now)]),
        ['all', '', round(then), round(now)],
      ],
    ),
    moved.length === 0 || limit === 0
      ? ''
      : formatTable(
          ['id', 'moved most', 'per million at the pin', 'now'],
          moved
            .slice(0, limit)
            .map((token) => [
              token.id,
              JSON.stringify(tokenizer.decode([token.id])),
              perMillion(token.then),
              perMillion(token.now),
            ]),
        ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}
