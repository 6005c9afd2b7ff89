// Pins lists of domains and addresses by category: hosts files, plain domains, Adblock rules, or folders in UT1's layout,
// where each folder is a category with the files `domains` and `urls`. It fetches nothing.

import { checkOptions, DataError, type OptionSchema, type OptionsOf } from '@gristmill/core';
import type { TrainingFile, TrainingStage } from '@gristmill/corpus';
import { buildUrlLists, encodeUrlLists } from '@gristmill/detect';

const urlListOptions = {
  name: { type: 'string', default: 'url-lists', description: 'Of the pin.' },
  lists: {
    type: 'lists',
    otherwise: 'none',
    description: 'Category → files: hosts files, plain domains or Adblock rules.',
  },
  folders: {
    type: 'list',
    default: [],
    description: "Folders whose folders are categories with the files `domains` and `urls` (UT1's layout).",
  },
} as const satisfies OptionSchema;

/** @example { lists: { adult: ['lists/adult.txt'], spam: ['lists/hosts'] }, folders: ['lists/ut1'] } */
export type UrlListOptions = OptionsOf<typeof urlListOptions>;

export const urlListTraining: TrainingStage<UrlListOptions> = {
  name: 'pin-urls',
  version: 1,
  description: 'Pins lists of domains and addresses by category for `urlStage`.',
  options: urlListOptions,
  artefact: ({ name = 'url-lists' }) => name,
  check(options) {
    checkOptions(urlListOptions, options, { name: 'pin-urls' });
    if (pathsOf(options).length === 0)
      throw new DataError(
        'bad-option',
        'pin-urls names no list',
        'give lists: {adult: ["adult.txt"]} or folders: ["ut1"]',
      );
  },
  inputs: () => [],
  files: pathsOf,
  async train({ options, files }) {
    const read: { category: string; content: string }[] = [];
    for (const file of files) {
      const category = categoryOf(options, file);
      if (category === undefined) continue;
      read.push({ category, content: Buffer.from(await file.read()).toString('utf8') });
    }
    return encodeUrlLists(buildUrlLists(read));
  },
};

function pathsOf({ lists = {}, folders = [] }: UrlListOptions): string[] {
  return [...Object.values(lists).flat(), ...folders];
}

function categoryOf(
  { lists = {}, folders = [] }: UrlListOptions,
  { path }: TrainingFile,
): string | undefined {
  for (const [category, files] of Object.entries(lists)) if (files.includes(path)) return category;
  for (const folder of folders) {
    const inside = path.startsWith(folder) ? path.slice(folder.length).replace(/^\//, '').split('/') : [];
    if (inside.length >= 2 && ['domains', 'urls'].includes(inside.at(-1)!)) return inside.at(-2);
  }
  return undefined;
}
