import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRandom } from '@gristmill/core';
import { makeCutDemo, type CutDemo } from './cut-recipe.ts';

let demo: CutDemo;
beforeAll(async () => {
  demo = await makeCutDemo();
});
afterAll(() => demo.close());

it('the cut recipe gives the same bytes for 1, 2 and 4 threads and after kill -9 at 20 seeded moments', async () => {
  const first = await demo.run('first', '--workers', '2');
  expect(first.code, first.stderr).toBe(0);
  const expected = await demo.files('first');
  for (const workers of ['1', '4']) {
    await demo.fresh(`threads-${workers}`);
    expect((await demo.run(`threads-${workers}`, '--workers', workers)).code).toBe(0);
    expect(await demo.files(`threads-${workers}`)).toEqual(expected);
  }
  const random = createRandom(20);
  for (let round = 0, kills = 0; kills < 20; round++) {
    const corpus = `killed-${round}`;
    await demo.fresh(corpus);
    // Each corpus is killed until a run gets through before its moment.
    while (kills < 20 && (await demo.killAfter(corpus, 400 + random() * 1000 * first.seconds)) !== null)
      kills++;
    expect((await demo.run(corpus, '--workers', '2')).code).toBe(0);
    expect(await demo.files(corpus)).toEqual(expected);
  }
});

it('forgets a page for ever: no build, shard or later run holds it', async () => {
  const forgotten = await demo.command(
    'forget',
    'first',
    'http://site.test/page-2',
    '--workers',
    '1',
    '--json',
  );
  expect(forgotten.code, forgotten.stderr).toBe(0);
  expect((JSON.parse(forgotten.stdout) as { documents: object[] }).documents).toHaveLength(1);
  const gone = await demo.command('explain', 'first', 'http://site.test/page-2');
  expect(gone.code).toBe(2);
  expect(gone.stderr).toContain('no-such-document');
  expect((await demo.command('fsck', 'first')).code).toBe(0);
});

it('exports the tokens of its shards', async () => {
  const exported = await demo.command('export', 'first', '--format', 'nanogpt', '--out', 'exported');
  expect(exported.code, exported.stderr).toBe(0);
  const [key] = await readdir(join(demo.folder, 'first/tokens'));
  const { splits } = JSON.parse(
    await readFile(join(demo.folder, 'first/tokens', key, 'index.json'), 'utf8'),
  ) as {
    splits: { train: { tokens: number } };
  };
  expect((await stat(join(demo.folder, 'exported/train.bin'))).size).toBe(2 * splits.train.tokens);
});
