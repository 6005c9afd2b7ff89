// Hosts, files and fields may be called like members that every object has.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  checkRecipe,
  collectGarbage,
  corpusStatus,
  dataCard,
  diffBuilds,
  explainDocument,
  type RunOutcome,
} from '@gristmill/corpus';
import { changeOptions } from '../../libs/corpus/src/recipe.ts';
import { TestCorpus, recipeOf } from './corpora.ts';

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

const rowsOf = ({ markers }: RunOutcome) =>
  markers.filter(({ step }) => step === 'acquire').reduce((sum, { parts }) => sum + parts[0].rows, 0);

const plain = () => {
  const found: string[] = [];
  for (const name in {}) found.push(name);
  return found;
};

it('files of such names come, change and go like any other', async () => {
  await using corpus = await TestCorpus.make(10);
  const before = rowsOf(await corpus.run());
  for (const name of names)
    await corpus.write(`notes/${name}`, `this file is called ${name} and is taken in`);
  expect(rowsOf(await corpus.run())).toBe(before + names.length);
  expect((await corpus.run()).isNew).toBe(false);
  await corpus.write('notes/__proto__', 'it says something else now');
  expect((await corpus.run()).isNew).toBe(true);
  const { steps } = await explainDocument(corpus.store(), 'notes/__proto__');
  expect(steps.find(({ step }) => step === 'clean')?.columns.text).toBe('it says something else now');
  for (const name of names) await corpus.remove(`notes/${name}`);
  expect((await corpusStatus(corpus.store())).steps[0].why).toContain('4 gone');
  expect(rowsOf(await corpus.run())).toBe(before);
  expect(plain()).toEqual([]);
});

it('hosts of such names are tallied by diff and shown by the card', async () => {
  await using corpus = await TestCorpus.make(6);
  const from = (await corpus.run()).manifest!.build;
  const posts = names.map((name) =>
    JSON.stringify({ url: `http://${name}/x`, text: `a page of the host ${name}, long enough` }),
  );
  await corpus.write('posts/more.jsonl', posts.join('\n'));
  const to = (await corpus.run()).manifest!.build;
  const { gained } = await diffBuilds(corpus.store(), from, to);
  expect(gained.documents).toBe(names.length);
  expect(Object.values(gained.by.domain).reduce((sum, { documents }) => sum + documents, 0)).toBe(
    names.length,
  );
  expect(JSON.parse(JSON.stringify(gained.by.domain))).toMatchObject({ constructor: { documents: 1 } });
  expect(await dataCard(corpus.store())).toContain('| posts (post) |');
  expect(plain()).toEqual([]);
  expect(({} as { documents?: number }).documents).toBeUndefined();
});

it('a source and fields of such names are no special case', async () => {
  const [notes] = recipeOf().sources;
  const recipe = recipeOf({ sources: [{ ...notes, name: 'constructor' }] });
  await using corpus = await TestCorpus.make(6, recipe);
  const first = await corpus.run();
  await corpus.write(
    'notes/lines.jsonl',
    '{"id":"__proto__","text":"a line whose name is proto","__proto__":{"documents":1},"constructor":"x"}',
  );
  const second = await corpus.run();
  expect(rowsOf(second)).toBe(rowsOf(first) + 1);
  const diff = await diffBuilds(corpus.store(), first.manifest!.build, second.manifest!.build);
  expect(diff.gained.by.source).toMatchObject({ constructor: { documents: 1 } });
  expect((await corpusStatus(corpus.store())).steps.every(({ state }) => state === 'built')).toBe(true);
  expect((await collectGarbage(corpus.store(), { keep: 1 })).removedBuilds).toHaveLength(1);
  expect(plain()).toEqual([]);
});

it.each(['clean.__proto__.documents', 'clean.constructor.prototype.documents', 'clean.toString'])(
  'the setting %s is none',
  (path) => {
    const resolved = checkRecipe(recipeOf());
    expect(() => changeOptions(resolved, { [path]: 1 })).toThrow('names no option');
    expect(plain()).toEqual([]);
  },
);

it('a stage whose step or column has such a name is refused', async () => {
  await using corpus = await TestCorpus.make(2);
  for (const [name, column] of [
    ['constructor', 'text'],
    ['../elsewhere', 'text'],
    ['fine', '__proto__'],
  ]) {
    const file = `stage-${name.length}-${column.length}.mjs`;
    const columns = [{ name: column, type: 'string' }];
    const code = { name, version: 1, reads: ['bytes'], columns };
    await writeFile(
      join(corpus.folder, file),
      `export const stage = { ...${JSON.stringify(code)}, create: () => ({ id }) => ({ id }) };`,
    );
    const steps = [{ stage: 'extract' as const, module: `./${file}`, export: 'stage' }];
    await corpus.setRecipe(recipeOf({ steps }));
    await expect(corpus.run()).rejects.toMatchObject({ code: 'wrong-stage' });
  }
});
