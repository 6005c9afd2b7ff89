// What the commands of a corpus say: words for people, JSON where it is asked for.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepProgram } from '../kept-program.ts';
import { TestCorpus, recipeOf } from './corpora.ts';

const program = keepProgram('cli');
let corpus: TestCorpus;
const builds: string[] = [];
beforeAll(async () => {
  corpus = await TestCorpus.make(10);
  builds.push((await corpus.run()).manifest!.build);
  await corpus.write('notes/late.txt', 'a late note of the miller');
  builds.push((await corpus.run()).manifest!.build);
});
afterAll(async () => {
  program.close();
  await corpus[Symbol.asyncDispose]();
});

const gristmill = (...words: string[]) => program.run(words, { cwd: corpus.folder });

it('forget and gc say which builds go and which stay, and foresee it', async () => {
  const [first, second] = builds;
  const asked = await gristmill('forget', 'corpus', 'notes/late.txt', '--dry-run');
  expect(asked.stdout).toContain(`which would go: ${second}. Builds that stay: ${first}.`);
  const foreseen = await gristmill('gc', 'corpus', '--keep', '1', '--dry-run');
  expect(foreseen.stdout).toMatch(
    new RegExp(`Builds that go: ${first} \\(\\d+ files, .* MB\\). Builds that stay: ${second}.\\nNothing is`),
  );
  const json = await gristmill('gc', 'corpus', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ kept: builds, removedBuilds: [] });
  const done = await gristmill('forget', 'corpus', 'notes/late.txt', '--workers', '0');
  expect(done.stdout).toMatch(
    /^[0-9a-f]{32} {2}notes\n1 document forgotten; build [0-9a-f]{12} is without them/,
  );
  expect(done.stdout).toContain(`Builds that go: ${second}`);
});

it('refuses another recipe in one sentence, and says how to take over', async () => {
  await corpus.setRecipe(recipeOf({ name: 'other' }));
  const refused = await gristmill('run', corpus.recipe, '--corpus', 'corpus', '--workers', '0');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/holds builds of the recipe "test", and this one is "other"\n.*--adopt/);
  const adopted = await gristmill('run', corpus.recipe, '--corpus', 'corpus', '--workers', '0', '--adopt');
  expect(adopted.code).toBe(0);
});

it('an empty source ends with 1 and is never said to be ready; what was unusable is held against the threshold', async () => {
  const [notes] = recipeOf().sources;
  const run = () => gristmill('run', corpus.recipe, '--corpus', 'third', '--workers', '0');
  await corpus.setRecipe(recipeOf({ sources: [{ ...notes, files: { include: ['*.md'] } }] }));
  const empty = await run();
  expect(empty.code).toBe(1);
  expect(empty.stderr).toMatch(
    /^(.*\n)*source notes gives no document: no file .* matches \*\.md; there are/,
  );
  expect(empty.stderr).not.toContain('ready');
  // Half of the documents and one more are unusable.
  await corpus.write('few/1.txt', '..');
  await corpus.write('few/2.txt', '.');
  await corpus.write('few/3.txt', 'a text that can be used');
  await corpus.setRecipe(recipeOf({ sources: [{ ...notes, where: { root: 'few' } }] }));
  const lossy = await run();
  expect(lossy.code).toBe(1);
  expect(lossy.stderr).toContain('66.7 % of the documents were unusable');
});

it('a mistyped folder, option or name is told in a line and fails', async () => {
  for (const command of ['status', 'fsck']) {
    const answer = await gristmill(command, 'nowhere');
    expect([answer.code, answer.stderr]).toEqual([
      2,
      expect.stringContaining('holds no corpus of Gristmill'),
    ]);
  }
  const wrong = await gristmill('run', corpus.recipe, '--bogus');
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  expect(wrong.stderr).toContain('hint: see `gristmill run --help`');
  const trained = await gristmill('run', corpus.recipe, '--corpus', 'third', '--retrain', 'tokenzier');
  expect([trained.code, trained.stderr]).toEqual([2, expect.stringMatching(/trains tokenzier\n.*tokenizer/)]);
  const size = await gristmill('train-tokenizer', 'x.txt', '--vocab-size', 'abc', '--out', 'y');
  expect([size.code, size.stderr]).toEqual([2, expect.stringContaining('give a whole number')]);
});

it('what the system refuses is a sentence, not a stack', async () => {
  const places = ['few/1.txt', 'few/1.txt/deeper', '/proc/none/of/these'];
  for (const place of places) {
    const { code, stderr } = await gristmill('run', corpus.recipe, '--corpus', place, '--workers', '0');
    expect([place, code]).toEqual([place, 2]);
    expect(stderr).toMatch(/^.*: .*\n {2}hint: .*\n {2}code: [a-z-]+\n$/);
  }
});

it('status lists the steps in their order, and run the files that it could not read', async () => {
  const [notes] = recipeOf().sources;
  const epubs = { module: '@gristmill/import', export: 'epubImporter' };
  await corpus.write('mixed/broken.epub', 'PK no archive');
  const sources = [
    notes,
    { ...notes, name: 'books', mayBeEmpty: true, import: epubs, where: { root: 'mixed' } },
  ];
  await corpus.setRecipe(recipeOf({ sources }));
  const { code, stderr } = await gristmill('run', corpus.recipe, '--corpus', 'fourth', '--workers', '0');
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/broken\.epub of source books cannot be read: \w+/),
  ]);
  const { stdout } = await gristmill('status', 'fourth');
  const steps = stdout
    .split('\n')
    .slice(2, -1)
    .map((line) => line.split(' ')[0]);
  expect(steps).toEqual(['acquire', 'extract', 'clean', 'annotate-length', 'dedup', 'pack']);
});
