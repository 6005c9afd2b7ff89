// Pins lists of domains and addresses by category: hosts files, plain domains, Adblock rules, or folders in UT1's layout,
// where each folder is a category with the files `domains` and `urls`. It fetches nothing.

import { DataError, type Json, type JsonObject } from '@gristmill/core';
import type { TrainingFile, TrainingStage } from '@gristmill/corpus';
import { buildUrlLists, encodeUrlLists } from '@gristmill/detect';
import { checkNames, listsOption } from '../stage-options.ts';

/** @example { lists: { adult: ['lists/adult.txt'], spam: ['lists/hosts'] }, folders: ['lists/ut1'] } */
export interface UrlListOptions extends JsonObject {
  /** Of the pin. Default `url-lists`. */
  readonly name?: string;
  /** Category → files. */
  readonly lists?: Json;
  /** Folders whose folders are categories. */
  readonly folders?: Json;
}

const foldersOf = ({ folders }: UrlListOptions) => listsOption({ folders: folders ?? [] }, 'folders').folders;

export const urlListTraining: TrainingStage<UrlListOptions> = {
  name: 'pin-urls',
  version: 1,
  artefact: ({ name = 'url-lists' }) => name,
  check(options) {
    checkNames(options, 'pin-urls', ['name', 'lists', 'folders']);
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

function pathsOf(options: UrlListOptions): string[] {
  return [...Object.values(listsOption(options.lists, 'lists')).flat(), ...foldersOf(options)];
}

function categoryOf(options: UrlListOptions, { path }: TrainingFile): string | undefined {
  for (const [category, files] of Object.entries(listsOption(options.lists, 'lists')))
    if (files.includes(path)) return category;
  for (const folder of foldersOf(options)) {
    const inside = path.startsWith(folder) ? path.slice(folder.length).replace(/^\//, '').split('/') : [];
    if (inside.length >= 2 && ['domains', 'urls'].includes(inside.at(-1)!)) return inside.at(-2);
  }
  return undefined;
}
