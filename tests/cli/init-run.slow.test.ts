import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Recipe } from '@gristmill/corpus';
import { animals, gristmill, mixedFiles, prose, writeFiles } from './mixed-folder.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'gristmill-init-run-'));
  await writeFiles(join(work, 'Mixed Things'), mixedFiles());
});
afterAll(() => rm(work, { recursive: true }));

test('two commands make a corpus of it, and init never writes over a recipe', async () => {
  const first = await gristmill(work, 'init', 'Mixed Things');
  expect(first.err).toMatch(/mixed-things-corpus\.ts is written; .*gristmill run mixed-things-corpus\.ts/);
  const { out, code, err } = await gristmill(work, 'run', '--workers', '0', 'mixed-things-corpus.ts');
  expect(code, err).toBe(0);
  expect(out).toMatch(/^acquire +18 +18 /m);
  expect(Number(/^pack +(\d+)/m.exec(out)![1])).toBeGreaterThanOrEqual(17);
  const again = await gristmill(work, 'init', 'Mixed Things');
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining('code: file-exists') as string });
});

test('run FOLDER does the same without writing, keeps its recipe in the corpus, and reads later files', async () => {
  await writeFiles(join(work, 'other/tales'), { 'a.md': prose('fox'), 'b.md': prose('hare') });
  const cwd = join(work, 'other', 'tales');
  const first = await gristmill(cwd, 'run', '--workers', '0', '.');
  expect(first.code, first.err).toBe(0);
  expect(first.err).toMatch(/the corpus is tales-corpus/);
  expect(await readdir(cwd)).toEqual(['a.md', 'b.md', 'tales-corpus']);
  const kept = JSON.parse(await readFile(join(cwd, 'tales-corpus', 'recipe.json'), 'utf8')) as Recipe;
  expect(kept.name).toBe('tales');
  await writeFiles(join(work, 'other/tales'), {
    'c.html': `<!doctype html><html><body><p>${prose('lynx')}</p></body></html>`,
  });
  const { out } = await gristmill(cwd, 'run', '--workers', '0', '.', '--json');
  const { funnel, isNew } = JSON.parse(out) as {
    isNew: boolean;
    funnel: { documentsIn: number; computedRows: number }[];
  };
  expect(isNew).toBe(true);
  expect(funnel[0]).toMatchObject({ documentsIn: 3 });
  const third = await gristmill(cwd, 'run', '--workers', '0', '.', '--json');
  expect(JSON.parse(third.out)).toMatchObject({ isNew: false, computedRows: 0 });
});

test('a site is looked at and becomes a crawl', async () => {
  const server = createServer((request, response) => {
    const name = request.url!.slice(1);
    if (name === 'robots.txt') return void response.writeHead(404).end();
    const links = animals.map((animal) => `<a href="/${animal}">${animal}</a>`).join(' ');
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><html><body><main><p>${prose(name || 'mill')}</p></main><nav>${links}</nav></body></html>`,
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { err, code } = await gristmill(work, 'init', url, '--allow-private', '--out', 'site.ts');
  expect(code, err).toBe(0);
  const run = await gristmill(work, 'run', '--workers', '0', 'site.ts', '--corpus', 'site-corpus');
  server.close();
  expect(run.code, run.err).toBe(0);
  expect(run.out).toMatch(/^acquire +9 +9 /m);
  const refused = await gristmill(work, 'init', 'https://example.org/', '--out', 'strange.ts');
  expect(refused.err).toContain('code: who-is-asking');
});
