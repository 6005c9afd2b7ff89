// The recipes for wikis and posts as they are, with one partition and a small vocabulary, over files of the gold set.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFunnel, runRecipe } from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';
import { writeDump } from '../import/mediawiki-dump.ts';

const gold = (name: string): Promise<string> =>
  readFile(new URL(`../import/gold/${name}`, import.meta.url), 'utf8');

async function wiki(): Promise<Record<string, string>> {
  const pages = (await gold('mediawiki-pages.txt')).split(/^##### /m).slice(1);
  const dump = pages.map((page) => {
    const [title, ...rest] = page.split(/^----- text\n/m)[0].split('\n');
    return { title, text: rest.join('\n') };
  });
  return { 'millwiki-pages-articles.xml': writeDump(dump) };
}

async function posts(): Promise<Record<string, string>> {
  const names = ['reddit.jsonl', 'mastodon-outbox.json', 'posts.xml'];
  const files = names.map(async (name) => [name, (await gold(`${name}.txt`)).split('\n-----\n')[0]] as const);
  return Object.fromEntries(await Promise.all(files)) as Record<string, string>;
}

test.each([
  ['wikipedia', wiki, 33],
  ['posts', posts, 36],
])('the recipe %s makes shards', async (name, input, least) => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-recipe-'));
  process.env['GRISTMILL_AUTHOR_KEY'] = 'a key that is long enough';
  try {
    await mkdir(join(folder, `${name}-input`));
    for (const [path, text] of Object.entries(await input()))
      await writeFile(join(folder, `${name}-input`, path), text);
    const recipe = join(folder, 'recipe.ts');
    const own = new URL(`../../pipelines/${name}.ts`, import.meta.url).pathname;
    await writeFile(
      recipe,
      `import recipe from ${JSON.stringify(own)};
export default {
  ...recipe,
  partitions: 1,
  sources: recipe.sources.map((source) => ({ ...source, where: { root: '${name}-input' } })),
  steps: recipe.steps.map((step) => step.export === 'tokenizerStage' ? { ...step, options: { vocabSize: 300 } } : step),
};`,
    );
    const store = openDiskStore({ root: join(folder, 'corpus') });
    const outcome = await runRecipe({ recipe, store, lock: join(folder, 'lock'), workers: 0 });
    const funnel = makeFunnel(outcome);
    expect(funnel.find(({ step }) => step === 'acquire')!.documentsOut).toBeGreaterThanOrEqual(least);
    expect(funnel.find(({ step }) => step === 'pack')!.documentsOut).toBeGreaterThan(10);
    expect(JSON.stringify(funnel)).not.toContain('no-text');
    await store.close();
  } finally {
    delete process.env['GRISTMILL_AUTHOR_KEY'];
    await rm(folder, { recursive: true, force: true });
  }
});
