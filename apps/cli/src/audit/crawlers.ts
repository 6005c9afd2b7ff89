// How the crawls introduced themselves, from the warcinfo records of their archives: the recipe's identity does not say it.

import type { Manifest } from '@gristmill/corpus';
import { readWarc, sourceOf } from '@gristmill/warc';
import type { Store } from '@gristmill/storage';
import type { RecipeSource } from './audit-context.ts';

export interface CrawlerFacts {
  readonly source: string;
  /** User-Agent as it was sent; undefined where no archive of the build says it. */
  readonly agent?: string;
  /** Archives of the build, with their SHA-256 in its manifest. */
  readonly archives: number;
}

/** More than a warcinfo record has. */
const headBytes = 1 << 16;

export async function readCrawlers(
  store: Store,
  { files }: Manifest,
  sources: readonly RecipeSource[],
): Promise<CrawlerFacts[]> {
  const crawlers: CrawlerFacts[] = [];
  for (const { name, crawl } of sources) {
    if (!crawl) continue;
    const archives = files.filter(
      ({ path }) => path.startsWith(`raw/${name}/`) && /\.warc(?:\.gz)?$/.test(path),
    );
    const agents = new Set<string>();
    for (const { path } of archives) {
      const agent = await readAgent(store, path);
      if (agent !== undefined) agents.add(agent);
    }
    const agent = agents.size === 0 ? undefined : [...agents].sort().join(', ');
    crawlers.push({ source: name, ...(agent !== undefined && { agent }), archives: archives.length });
  }
  return crawlers;
}

async function readAgent(store: Store, path: string): Promise<string | undefined> {
  const size = (await store.stat(path))?.size ?? 0;
  const head = await store.read(path, 0, Math.min(size, headBytes));
  for await (const { record } of readWarc(sourceOf(head))) {
    const [, agent] =
      /^http-header-user-agent:[ \t]*(.+?)\r?$/im.exec(new TextDecoder().decode(record.block)) ?? [];
    return agent;
  }
  return undefined;
}
