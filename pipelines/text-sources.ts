// What a recipe is told to read: folders, files and sites in GRISTMILL_INPUT, divided by commas. Sites are crawled, all
// else is opened by the recipe's importer; without the variable the recipe's own folder is read.

import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { SourceKind } from '@gristmill/core';
import type { Recipe } from '@gristmill/corpus';

export interface WantedSource {
  readonly name: string;
  readonly kind: SourceKind;
  /** Of `@gristmill/import`. */
  readonly importer: string;
  readonly options?: NonNullable<Recipe['sources'][number]['import']>['options'];
  /** Read where nothing is told; relative to the recipe. */
  readonly folder: string;
}

/** The first place keeps the source's name, so that a corpus stays what it is when another place is added behind it. */
export function sourcesOf(wanted: WantedSource, told = process.env.GRISTMILL_INPUT ?? ''): Recipe['sources'] {
  const places = told
    .split(',')
    .map((place) => place.trim())
    .filter((place) => place !== '');
  const seeds = places.filter(isAddress);
  const paths = places.filter((place) => !isAddress(place));
  const files = (places.length === 0 ? [wanted.folder] : paths).map((path, at) =>
    fileSource(
      wanted,
      at === 0 ? wanted.name : `${wanted.name}-${at + 1}`,
      places.length === 0 ? path : resolve(path),
    ),
  );
  return seeds.length === 0 ? files : [...files, siteSource(wanted, seeds)];
}

const isAddress = (place: string): boolean => /^https?:\/\//i.test(place);

function fileSource(
  { kind, importer, options }: WantedSource,
  name: string,
  path: string,
): Recipe['sources'][number] {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return {
    ...{ name, kind },
    import: { module: '@gristmill/import', export: importer, ...(options && { options }) },
    ...(isFile && { files: { include: [basename(path)] } }),
    where: { root: isFile ? dirname(path) : path },
  };
}

function siteSource({ name, kind }: WantedSource, seeds: readonly string[]): Recipe['sources'][number] {
  return {
    ...{ name: `${name}-sites`, kind },
    crawl: { module: '@gristmill/crawl', export: 'webCrawler', options: { seeds: [...seeds] } },
    // Other addresses for hosts, and whether they may be private, are of this machine.
    where: {
      hostMap: process.env.GRISTMILL_HOSTS?.split(',') ?? [],
      allowPrivate: process.env.GRISTMILL_ALLOW_PRIVATE === '1',
    },
  };
}
