// What a person should hear after a build: sources that lost most of what they had, and to what; where the tokens lie.

import {
  openBuild,
  readManifest,
  sourceLosses,
  type Manifest,
  unreadableFiles,
  type RunOutcome,
} from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';

/** A sentence for each source that keeps less than half of its documents. */
export async function describeLosses(store: Store, place: string): Promise<string[]> {
  const manifest = await readManifest(store);
  if (!manifest) return [];
  const losing = (await sourceLosses(await openBuild(store, manifest))).filter(
    ({ documents, kept }) => 2 * kept < documents,
  );
  return losing.map(({ source, documents, kept, losses: [most] }) => {
    const lost = documents - kept;
    const option = most.option === undefined ? '' : ` (\`${most.option}\`)`;
    return (
      `source ${source} lost ${count(lost)} of its ${count(documents)} documents, ` +
      `${count(most.documents)} of them ${most.summary}${option}; ` +
      `\`gristmill dropped ${place} --source ${source}\` lists them`
    );
  });
}

/** The paths of files that could not be read. */
export async function describeUnreadable(
  store: Store,
  { markers }: Pick<RunOutcome, 'markers'>,
): Promise<string[]> {
  const { files, count: all } = await unreadableFiles(store, markers);
  const lines = files.map(
    ({ source, file, reason }) => `${file} of source ${source} cannot be read: ${reason}`,
  );
  return all > files.length ? [...lines, `and ${count(all - files.length)} files more`] : lines;
}

const count = (value: number) => value.toLocaleString('en-US');

/** The folder of tokens that `gristmill-trainer train --shards` takes; undefined where the build has none. */
export function tokensPath(manifest: Manifest | undefined, place: string): string | undefined {
  const index = Object.keys(manifest?.current ?? {}).find((path) =>
    /^tokens\/[^/]+\/index\.json$/.test(path),
  );
  return index === undefined
    ? undefined
    : `${place.replace(/\/$/, '')}/${index.slice(0, -'/index.json'.length)}`;
}
