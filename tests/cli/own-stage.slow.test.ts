// The files of docs/own-stage.md, outside the repository, under a package.json that says commonjs as `npm init` writes it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-own-stage-'));
  const page = await readFile(`${root}docs/own-stage.md`, 'utf8');
  const files = [...page.matchAll(/^```(?:ts|json) (\S+)\n([\s\S]*?)^```/gm)];
  expect(files.map(([, name]) => name)).toEqual(['own-stage.ts', 'recipe.ts', 'tsconfig.json']);
  for (const [, name, text] of files) await writeFile(join(folder, name), text);
  await writeFile(join(folder, 'package.json'), '{"name": "own", "type": "commonjs"}');
  await mkdir(join(folder, 'posts'));
  const texts = [
    'The mill is quiet today and the river is low.',
    'Sale! Sale! Sale! Everything must go now!',
  ];
  const lines = texts.map((text) => JSON.stringify({ text }));
  await writeFile(join(folder, 'posts', 'posts.jsonl'), `${lines.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

function gristmill(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const program = `${root}apps/cli/bin/gristmill.mjs`;
    execFile(process.execPath, [program, ...args], { cwd: folder }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

test('runs on every thread, gives a signal and drops by it; a second run computes nothing', async () => {
  const { code, out, err } = await gristmill('run', 'recipe.ts', '--workers', '2');
  expect(err).not.toMatch(/[Ww]arning/);
  expect(code, err).toBe(0);
  expect(out).toMatch(/^annotate-shout +2 +2/m);
  expect(out).toMatch(/^select +2 +1 .*shouting 1/m);
  const again = await gristmill('run', 'recipe.ts', '--json');
  expect(JSON.parse(again.out)).toMatchObject({ isNew: false, computedRows: 0 });
});

test('has its options checked before any work, with the one that was meant', async () => {
  const recipe = await readFile(join(folder, 'recipe.ts'), 'utf8');
  await writeFile(join(folder, 'wrong.ts'), recipe.replace('marks: 1', 'mark: 1'));
  const { code, err } = await gristmill('run', 'wrong.ts', '--corpus', 'wrong');
  expect(err).toMatch(/annotate-shout has no option mark\n {2}hint: did you mean marks\?/);
  expect(code).toBe(2);
});
