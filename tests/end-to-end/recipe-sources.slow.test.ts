// The recipes for books, articles and web pages as they are, cut to one partition and a small vocabulary, over real input
// (it lies beside the project): every document arrives, nothing is dropped without a reason that is told.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFunnel, runRecipe, type RunOutcome } from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';
import { sourcesOf } from '../../pipelines/text-sources.ts';

const data = '../shared/data';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-recipes-'));
});
afterAll(async () => {
  for (const name of ['GRISTMILL_HOSTS', 'GRISTMILL_ALLOW_PRIVATE']) delete process.env[name];
  await rm(folder, { recursive: true, force: true });
});

/** Runs a recipe over what it is told to read. */
async function run(name: string, input: string, place = name): Promise<RunOutcome> {
  const shared = new URL('../../pipelines/text-sources.ts', import.meta.url).pathname;
  const recipe = join(folder, `${place}-recipe.ts`);
  const own = new URL(`../../pipelines/${name}.ts`, import.meta.url).pathname;
  await writeFile(
    recipe,
    `import recipe from ${JSON.stringify(own)};
import { sourcesOf } from ${JSON.stringify(shared)};
const { name, kind, import: { export: importer } } = recipe.sources[0];
const sources = sourcesOf({ name, kind, importer, folder: 'none' }, ${JSON.stringify(input)});
const contact = 'test@mill.example';
const small = { tokenizerStage: { vocabSize: 300 } };
export default { ...recipe, contact, sources, partitions: 1, steps: recipe.steps.map((step) => ({ ...step, options: { ...step.options, ...small[step.export] } })) };`,
  );
  const store = openDiskStore({ root: join(folder, place), sync: false });
  try {
    return await runRecipe({ recipe, store, lock: join(folder, `${place}.lock`), workers: 0 });
  } finally {
    await store.close();
  }
}

const funnelOf = (outcome: RunOutcome, step: string) => makeFunnel(outcome).find((row) => row.step === step);

describe.skipIf(!existsSync(data))('recipes', () => {
  test('for books take an EPUB and a novel, a folder and a file', { timeout: 60_000 }, async () => {
    await mkdir(join(folder, 'library'));
    await cp(`${data}/standard-ebooks-sherlock/sherlock.epub`, join(folder, 'library/sherlock.epub'));
    const outcome = await run('books', `${join(folder, 'library')}, ${data}/sentencepiece-text/botchan.txt`);
    // Sixteen documents of the spine, no table of contents, and a novel that has no chapters.
    expect(funnelOf(outcome, 'acquire')?.documentsOut).toBe(17);
    expect(funnelOf(outcome, 'extract')?.drops).toEqual({});
    expect(funnelOf(outcome, 'pack')?.documentsOut).toBeGreaterThan(13);
  });

  test('for articles take JATS', { timeout: 60_000 }, async () => {
    const outcome = await run('articles', `${data}/plos-jats`);
    expect(funnelOf(outcome, 'acquire')?.documentsOut).toBe(21);
    expect(funnelOf(outcome, 'pack')?.documentsOut).toBeGreaterThan(15);
  });

  test('for articles take a site', { timeout: 60_000 }, async () => {
    const words =
      'The mill at the bend of the river was built in 1784, and it has been the home of the miller ever since then. ';
    const page = `<!doctype html><title>The mill</title><article><h1>The mill</h1><p>${words.repeat(6)}</p><p>${words.repeat(5)}</p></article>`;
    const server = createServer((request, answer) => {
      const isPage = request.url === '/';
      answer.writeHead(isPage ? 200 : 404, { 'content-type': 'text/html' }).end(isPage ? page : '');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    Object.assign(process.env, {
      GRISTMILL_ALLOW_PRIVATE: '1',
      GRISTMILL_HOSTS: `mill.example=127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const sources = sourcesOf(
      { name: 'a', kind: 'article', importer: 'folderImporter', folder: 'x' },
      'http://mill.example/,/tmp',
    );
    expect(sources.map(({ name, where }) => [name, where?.['root']])).toEqual([
      ['a', '/tmp'],
      ['a-sites', undefined],
    ]);
    try {
      const outcome = await run('articles', 'http://mill.example/', 'site');
      expect(funnelOf(outcome, 'clean')?.documentsOut).toBe(1);
    } finally {
      server.close();
    }
  });
});
