// `gristmill warc`: what an archive holds, record by record, with every digest checked and every damage told.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataError, exitCode } from '@gristmill/core';
import { mediaTypeOf } from '@gristmill/http';
import {
  checkDigests,
  fieldOf,
  openFile,
  parseHttp,
  readWarc,
  readWat,
  type WarcEntry,
} from '@gristmill/warc';
import type { Command } from 'commander';
import { createLineWriter, type LineWriter } from '../json-lines.ts';

export function registerWarc(program: Command): void {
  program
    .command('warc')
    .description('List the records of WARC, WAT, WET and ARC files as JSON lines')
    .argument('<path>', '.warc, .warc.gz, .wat.gz, .wet.gz, .arc, .arc.gz, or a folder of them')
    .option('--links', 'of a WAT file, the links of its pages instead: from, to, path, text, rel')
    .option('--out <file>', 'write there instead of standard output')
    .addHelpText('after', '\nExample:\n  gristmill warc crawl/ --out records.jsonl\n')
    .action(runWarc);
}

interface Options {
  readonly out?: string;
  readonly links?: boolean;
}

async function runWarc(path: string, { out, links = false }: Options): Promise<void> {
  const files = await findArchives(path);
  const writer = createLineWriter(out);
  try {
    let damaged = 0;
    for (const [location, name] of files) damaged += await listRecords(location, name, writer, links);
    if (damaged > 0) {
      process.stderr.write(
        `${damaged} ${damaged === 1 ? 'record is' : 'records are'} damaged: see \`error\`\n`,
      );
      process.exitCode = exitCode.tooManyDropped;
    }
  } finally {
    await writer.close();
  }
}

/** [location, name in the output]; a folder's archives are named by their path in it and sorted by it. */
async function findArchives(path: string): Promise<[location: string, name: string][]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new DataError('input-missing', `${path} does not exist`, 'name a file or a folder that exists', {
      cause,
    });
  });
  if (!found.isDirectory()) return [[path, basename(path)]];
  const names = await readdir(path, { recursive: true });
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.w?arc(\.w[ae]t)?(\.gz)?$/.test(name))
    .sort()
    .map((name) => [join(path, name), name]);
}

/** @returns the number of damaged records */
async function listRecords(
  location: string,
  file: string,
  writer: LineWriter,
  asLinks: boolean,
): Promise<number> {
  await using source = await openFile(location);
  let damaged = 0;
  for await (const entry of readWarc(source)) {
    if (entry.record.error !== undefined && entry.record.error !== 'shares-gzip-member') damaged++;
    if (!asLinks) await writer.write(describe(file, entry));
    else for (const link of linksOf(entry)) await writer.write(link);
  }
  return damaged;
}

/** One object a link of the page that a WAT record describes. */
function linksOf({ record }: WarcEntry): object[] {
  const { url: from, links = [] } = readWat(record) ?? {};
  return links.map(({ url: to, ...others }) => ({ from, to, ...others }));
}

function describe(file: string, { offset, record }: WarcEntry): object {
  const { type, url, length, error } = record;
  const message = type === 'response' || type === 'revisit' ? parseHttp(record) : undefined;
  const contentType = fieldOf(message ? message.headers : record.fields, 'content-type');
  return {
    file,
    offset,
    type,
    url,
    status: message?.status || undefined,
    mime: mediaTypeOf(contentType) || undefined,
    length,
    // Bytes that are not all there match nothing: the damage is told by `error`.
    digestOk: error === 'truncated' ? undefined : checkDigests(record),
    error,
    describes: summarise(record),
  };
}

/** What a WAT record says of another record. */
function summarise(record: WarcEntry['record']): object | undefined {
  const wat = readWat(record);
  return wat && { ...wat, headers: undefined, metas: undefined, url: undefined, links: wat.links.length };
}
