// Where --shards points: a folder of shards, or a corpus whose newest folder of shards is meant.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * @param place a folder tokens/<key>, the folder tokens, the corpus, or an address
 * @param begun where the run was begun with: taken where it is one of the corpus'
 * @returns the place itself where nothing below it is a folder of shards
 */
export function findShards(place: string, begun?: string): string {
  if (place.includes('://') || existsSync(join(place, 'index.json'))) return place;
  const written = (folder: string) => statSync(join(folder, 'index.json')).mtimeMs;
  const found = [join(place, 'tokens'), place]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((key) => join(folder, key)))
    .filter((folder) => existsSync(join(folder, 'index.json')))
    .sort((a, b) => written(b) - written(a));
  return found.find((folder) => resolve(folder) === begun) ?? found.at(0) ?? place;
}
