import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCutDemo, shuffleLines, type CutDemo } from './cut-recipe.ts';

let demo: CutDemo;
beforeAll(async () => {
  demo = await makeCutDemo();
});
afterAll(() => demo.close());

/** Paths that only one has, or that have other bytes. */
function differences(a: Record<string, string>, b: Record<string, string>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((path) => a[path] !== b[path]).sort();
}

interface Result {
  readonly build: string;
  readonly computedRows: number;
  readonly funnel: { step: string; documentsIn: number; documentsOut: number; computedRows: number }[];
}

describe('gristmill run on the cut recipe', () => {
  it('builds from nothing, crawl included', async () => {
    const { code, stdout, stderr } = await demo.run('first', '--workers', '2', '--json');
    expect(code, stderr).toBe(0);
    const { funnel } = JSON.parse(stdout) as Result;
    expect(funnel[0]).toMatchObject({ step: 'acquire', documentsIn: 3 * 4 + 12 + 60 + 9 });
    expect(Object.keys(await demo.files('first')).some((path) => /^tokens\/.*\.arrow$/.test(path))).toBe(
      true,
    );
  });

  it('run again computes nothing, loads no stage and takes less than 2 seconds of processor', async () => {
    const { code, stdout, seconds } = await demo.run('first', '--json');
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Result).computedRows).toBe(0);
    expect(seconds).toBeLessThan(10); // wall clock of a busy machine; the figure is in docs/log.md
  });

  it('recomputes only what changed, to the bytes of a build from nothing with shuffled input and one thread', async () => {
    await demo.copy('first', 'updated');
    const posts = await readFile(join(demo.folder, 'posts/all.jsonl'), 'utf8');
    await demo.write('posts/all.jsonl', shuffleLines(posts, 3));
    await demo.write(
      'articles/3.txt',
      'An article that is quite another one now. It says little, and says it twice.',
    );
    await demo.write('articles/new.txt', await readFile(join(demo.folder, 'articles/4.txt'), 'utf8'));
    await rm(join(demo.folder, 'articles/5.txt'));
    const updated = await demo.run('updated', '--workers', '2', '--json');
    expect(updated.code, updated.stderr).toBe(0);
    const { tokens } = JSON.parse(updated.stdout) as { tokens: string };
    expect(tokens).toMatch(/^updated\/tokens\/[0-9a-f]{12}$/);
    await expect(readFile(join(demo.folder, tokens, 'index.json'), 'utf8')).resolves.toContain(
      'gristmill-tokens',
    );
    expect(updated.stderr).toContain(`tokens for training: ${tokens}\n`);
    const rows = Object.fromEntries(
      (JSON.parse(updated.stdout) as Result).funnel.map((row) => [row.step, row.computedRows]),
    );
    expect(rows).toMatchObject({ extract: 2, clean: 2 });
    await demo.fresh('fresh');
    const fresh = await demo.run('fresh', '--workers', '1');
    expect(fresh.code, fresh.stderr).toBe(0);
    expect(differences(await demo.files('updated'), await demo.files('fresh'))).toEqual([]);
  });

  it('explains a document down to its shard, checks out, and describes itself', async () => {
    const explained = await demo.command('explain', 'fresh', 'http://site.test/page-2', '--json');
    expect(explained.code, explained.stderr).toBe(0);
    const { steps, shards } = JSON.parse(explained.stdout) as { steps: { step: string }[]; shards: object[] };
    expect(steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['acquire', 'extract', 'clean']));
    expect(shards.length).toBeLessThanOrEqual(1);
    const spelled = await demo.command('explain', 'fresh', 'http://site.test/page-2');
    expect(spelled.stdout).toMatch(
      /^(?:kept in \w+; row \d+ of tokens\/\w+\/\S+\.arrow, [\d,]+ tokens|dropped by .*)\ndocument [0-9a-f]{32} in build/,
    );
    expect(spelled.stdout).not.toMatch(/\d\.\d{5}/);
    const fsck = await demo.command('fsck', 'fresh', '--json');
    expect(fsck.code, fsck.stdout).toBe(0);
    const card = await demo.command('card', 'fresh');
    expect(card.stdout).toContain('## Licences');
  });

  it('a wrong recipe is one sentence, a hint and a code', async () => {
    await demo.write('wrong.ts', "export default { name: 'x', sources: [], steps: [], partitons: 3 };");
    const { code, stderr } = await demo.command('run', 'wrong.ts', '--corpus', 'wrong');
    expect(code).toBe(2);
    expect(stderr).toContain('partitons');
    expect(stderr).toMatch(/hint: .*\n\s*code: wrong-recipe/);
  });
});
