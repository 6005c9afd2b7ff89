// `gristmill options`: the reference of what a recipe and a run may name, for the code that is installed.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataError, suggestName } from '@gristmill/core';
import { allowOwnModules } from '@gristmill/workers';
import type { Command } from 'commander';
import {
  chapterNames,
  collectEntries,
  moduleEntries,
  type Entry,
  type ErrorCode,
} from '../reference/collect-entries.ts';
import { optionLines, renderEntry, renderOverview } from '../reference/render-entries.ts';

export function registerOptions(program: Command): void {
  program
    .command('options')
    .description('Importers, stages, policies and settings: what a recipe may say, with types and defaults')
    .argument(
      '[name]',
      'an importer, stage, policy, option, setting, error code, chapter, or the file of a stage',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  gristmill options jsonDocumentsImporter\n  gristmill options gopher\n  gristmill options textField\n',
    )
    .action(async (name: string | undefined, { json }: { json?: boolean }) => {
      const entries = name !== undefined && isFile(name) ? await ownEntries(name) : await allEntries();
      const found = name === undefined || isFile(name) ? entries : findEntries(name, entries);
      if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
      else if (name === undefined) process.stdout.write(renderOverview(entries));
      else process.stdout.write(found.map(renderEntry).join('\n'));
    });
}

export async function allEntries(): Promise<Entry[]> {
  const file = new URL('../reference/error-codes.json', import.meta.url);
  return collectEntries(JSON.parse(await readFile(file, 'utf8')) as ErrorCode[]);
}

const isFile = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);

async function ownEntries(file: string): Promise<Entry[]> {
  allowOwnModules();
  const entries = await moduleEntries(file, pathToFileURL(resolve(file)).href);
  if (entries.length > 0) return entries;
  throw new DataError('no-stage', `${file} exports no stage and no importer`, 'see docs/own-stage.md');
}

/**
 * By its name, its alias, its chapter; else the entries that have an option of this name, cut down to it.
 * @throws DataError unknown-name
 */
export function findEntries(name: string, entries: readonly Entry[]): Entry[] {
  const wanted = name.toLowerCase();
  const isNamed = (entry: Entry) =>
    [entry.name, ...entry.aliases].some((own) => own.toLowerCase() === wanted);
  const named = entries.filter(isNamed);
  if (named.length > 0) return named;
  const chapter = entries.filter((entry) => entry.chapter === wanted);
  if (chapter.length > 0) return chapter;
  const withOption = entries.flatMap((entry) => onlyOption(entry, wanted.split('.').at(-1)!));
  if (withOption.length > 0) return withOption;
  throw unknownName(name, entries);
}

function onlyOption(entry: Entry, wanted: string): Entry[] {
  const lines = [...(entry.options ? optionLines(entry.options) : []), ...(entry.lines ?? [])];
  const own = lines.filter((line) => line.trimStart().toLowerCase().startsWith(`- \`${wanted}\``));
  if (own.length === 0) return [];
  return [{ ...entry, options: undefined, lines: own.map((line) => line.trimStart()) }];
}

function unknownName(name: string, entries: readonly Entry[]): DataError {
  const names = [
    ...chapterNames,
    ...entries.flatMap((entry) => [entry.name, ...entry.aliases, ...Object.keys(entry.options ?? {})]),
  ];
  return new DataError(
    'unknown-name',
    `nothing is named ${name}`,
    suggestName(name, [...new Set(names)], '`gristmill options` lists all names'),
  );
}
