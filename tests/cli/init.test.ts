import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRecipe } from '@gristmill/corpus';
import { guessFields } from '../../apps/cli/src/init/guess-fields.ts';
import { recipeOfFolder } from '../../apps/cli/src/init/recipe-of.ts';
import { spellLiteral } from '../../apps/cli/src/init/spell-literal.ts';
import { gristmill, mixedFiles, prose, writeFiles } from './mixed-folder.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'gristmill-init-test-'));
  await writeFiles(join(work, 'Mixed Things'), mixedFiles());
});
afterAll(() => rm(work, { recursive: true }));

describe('the recipe of a mixed folder', () => {
  test('has a source for each kind of material, by content, with the fields of records', async () => {
    const { recipe, text, found } = await recipeOfFolder(join(work, 'Mixed Things'), {
      recipeFolder: work,
      outputs: [],
      command: 'gristmill init',
    });
    expect(recipe.name).toBe('mixed-things');
    expect(recipe.sources).toEqual([
      {
        name: 'pages',
        kind: 'web',
        import: { module: '@gristmill/import', export: 'folderImporter' },
        files: { include: ['**/*.html'] },
        where: { root: './Mixed Things' },
      },
      {
        name: 'documents',
        kind: 'article',
        import: { module: '@gristmill/import', export: 'folderImporter' },
        files: { exclude: ['**/*.html', '**/*.jsonl.gz', '**/*.json', '**/*.png', '**/*.css'] },
        where: { root: './Mixed Things' },
      },
      {
        name: 'records',
        kind: 'post',
        import: {
          module: '@gristmill/import',
          export: 'folderImporter',
          options: { textField: 'review_body', urlField: 'link' },
        },
        files: { include: ['**/*.jsonl.gz'] },
        where: { root: './Mixed Things' },
      },
    ]);
    expect(found.join('\n')).toMatch(
      /left out: .*\.json \(JSON without a text\).*\.png \(png\).*\.css \(parts of pages\)/,
    );
    expect(text).toContain('// Fields seen: sku, review_body, stars, link.');
    expect(found.join('\n')).not.toContain('secret');
  });

  test('is one recipe, as text and as data', async () => {
    const made = await recipeOfFolder(join(work, 'Mixed Things'), {
      recipeFolder: work,
      outputs: [],
      command: 'x',
    });
    const literal = /export default (\{[\s\S]*\}) satisfies Recipe;/.exec(made.text)![1];
    expect(new Function(`return ${literal}`)()).toEqual(JSON.parse(JSON.stringify(made.recipe)));
    checkRecipe(made.recipe);
  });
});

describe('records of a folder', () => {
  const plan = async (files: Record<string, unknown>): Promise<{ sources: unknown[]; leftOut: string }> => {
    const folder = await mkdtemp(join(work, 'records-'));
    await writeFiles(
      folder,
      Object.fromEntries(
        Object.entries(files).map(([path, value]) => [
          path,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ),
    );
    const { recipe, text } = await recipeOfFolder(folder, {
      recipeFolder: folder,
      outputs: [],
      command: 'x',
    });
    return {
      sources: recipe.sources.map(({ import: from, files: chosen }) => ({ ...from?.options, ...chosen })),
      leftOut: /^\/\/ Left out: (.*)$/m.exec(text)?.[1] ?? '',
    };
  };

  test('are one source where some of them lack fields', async () => {
    const { sources, leftOut } = await plan({
      'a/facts.json': { title: 'A', summary: prose('otter'), site: 'x', seen: 1 },
      'b/facts.json': { title: 'B', summary: prose('otter'), site: 'x', seen: 2, lang: 'en' },
      'c/facts.json': { title: 'C', site: 'x', seen: 3 },
      'd/facts.json': { title: 'The fourth of the pages', site: 'x', seen: 4, lang: 'en' },
    });
    expect(sources).toEqual([{ textField: 'summary', titleField: 'title' }]);
    expect(leftOut).toBe('');
  });

  test('are two where the text stands in another field, told by names that files share', async () => {
    const article = (field: string) => ({
      title: 'A',
      author: 'B',
      url: 'https://a.example/',
      [field]: prose('vole'),
    });
    const { sources } = await plan({
      'a/old.json': article('content'),
      'b/old.json': article('content'),
      'c/old.json': article('content'),
      'd/new.json': article('text'),
      'e/new.json': article('text'),
    });
    expect(sources).toEqual([
      expect.objectContaining({ textField: 'content', exclude: ['**/new.json'] }),
      expect.objectContaining({ textField: 'text', include: ['**/new.json'] }),
    ]);
  });

  test('that lie in an array of an object are found there', async () => {
    const posts = ['owl', 'hare', 'vole'].map((animal) => ({ id: animal, text: prose(animal) }));
    const { sources } = await plan({
      'export.json': { version: 1, tags: ['a', 'b', 'c', 'd'], 'my/posts': posts },
    });
    expect(sources).toEqual([{ textField: 'text', items: '/my~1posts', idField: 'id' }]);
  });

  test('that have no text are left out beside files that have one', async () => {
    const { sources, leftOut } = await plan({
      'notes.txt': prose('hare'),
      'rates.jsonl': '{"name":"eur","rate":1.1}\n{"name":"usd","rate":1}\n',
    });
    expect(sources).toEqual([{ exclude: ['**/*.jsonl'] }]);
    expect(leftOut).toBe('rates.jsonl (records without a text; fields: name, rate).');
  });
});

// Other systems keep no such names.
test.skipIf(process.platform !== 'linux')('names of any bytes are no obstacle', async () => {
  const folder = join(work, 'names');
  const below = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('d\xe9p\xf4t/', 'latin1')]);
  await mkdir(below, { recursive: true });
  await writeFile(Buffer.concat([below, Buffer.from('caf\xe9.txt', 'latin1')]), prose('hare'));
  const { found } = await recipeOfFolder(folder, { recipeFolder: work, outputs: [], command: 'x' });
  expect(found[1]).toMatch(/^source documents \(article\): 1 \.txt;.* a text has about 2\d\d characters/);
});

test('no English stop words are asked of pages in another language', async () => {
  const folder = join(work, 'pages');
  const page = (text: string): string => `<!doctype html><title>t</title><article><p>${text}</p></article>`;
  const german =
    'Die Mühle an der Biegung des Flusses wurde gebaut, als das Tal seinen Roggen noch auf flachen Kähnen flussabwärts schickte.';
  const gopherOf = async (pages: Record<string, string>): Promise<unknown> => {
    await rm(folder, { recursive: true, force: true });
    await writeFiles(folder, pages);
    const { recipe } = await recipeOfFolder(folder, { recipeFolder: work, outputs: [], command: 'x' });
    return recipe.steps.find(({ stage }) => stage === 'select')?.options?.gopher;
  };
  expect(await gopherOf({ 'a.html': page(prose('hare')) })).not.toHaveProperty('minStopWords');
  expect(await gopherOf({ 'a.html': page(prose('hare')), 'b.html': page(german.repeat(3)) })).toHaveProperty(
    'minStopWords',
    0,
  );
});

test('a corpus is never put among files of somebody by default', async () => {
  await writeFiles(join(work, 'among'), { 'notes.ts': 'export default {}', 'notes/mine.txt': 'mine' });
  const { code, err } = await gristmill(join(work, 'among'), 'run', 'notes.ts');
  expect(code).toBe(2);
  expect(err).toMatch(/notes would be the corpus and holds other files\n {2}hint: .*--corpus notes-corpus/);
});

describe('the text of records', () => {
  test('is a field of a usual name, or the longest strings with words in them', () => {
    const long = 'x'.repeat(500);
    const record = {
      url: `https://a.example/${long}`,
      hash: long,
      headline: 'A short line of words here',
      main: prose('elk'),
    };
    expect(guessFields([record, record])).toMatchObject({
      textField: 'main',
      others: { titleField: 'headline', urlField: 'url' },
    });
    expect(guessFields([{ text: 'a b c d e f', longer: prose('elk') }])).toMatchObject({ textField: 'text' });
    expect(guessFields([{ text: '', body: prose('elk') }])).toMatchObject({ textField: 'body' });
    expect(guessFields([{ a: 1 }, { b: 2 }])!.textField).toBeUndefined();
    expect(guessFields(['x', 3])).toBeUndefined();
  });
});

test('literals are TypeScript', () => {
  for (const value of [
    "it's",
    'a"b',
    'line\n\u2028',
    { 'a-b': [1, null, true], c: { d: 'e'.repeat(120) } },
    [],
    {},
  ])
    expect(new Function(`return (${spellLiteral(value)})`)()).toEqual(value);
});
