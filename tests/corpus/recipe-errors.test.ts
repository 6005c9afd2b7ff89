import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRecipe } from '@gristmill/corpus';

const source = {
  name: 'books',
  kind: 'book',
  import: { module: '@gristmill/import', export: 'textBooksImporter' },
  where: { root: 'books' },
};
const recipe = { name: 'x', sources: [source], steps: [] };

const refusal = (value: unknown) => {
  try {
    checkRecipe(value, 'r.ts');
  } catch (error) {
    const { message, hint } = error as Error & { hint: string };
    return `${message} | ${hint}`;
  }
  return 'accepted';
};

describe('a wrong recipe says what was written and what may be', () => {
  test.each([
    [
      { ...recipe, sources: [{ ...source, kind: 'wbe' }] },
      /r\.ts at sources\[0\]\.kind: "wbe" is not known here \| did you mean web\? it is one of book, article, web, post$/,
    ],
    [
      { ...recipe, sources: [{ ...source, knd: 'web' }] },
      /at sources\[0\]: there is no knd here \| did you mean kind\? here may stand name, kind, licence/,
    ],
    [
      { ...recipe, sources: [{ ...source, files: { inclde: [] } }] },
      /at sources\[0\]\.files: there is no inclde here \| did you mean include\?/,
    ],
    [{ ...recipe, step: [] }, /r\.ts: there is no step here \| did you mean steps\?/],
    [{ ...recipe, partitions: '4' }, /at partitions: "4" does not fit/],
    [{ name: 'x', steps: [] }, /at sources: it is missing/],
    [{ ...recipe, name: 'My Corpus' }, /at name: "My Corpus" does not fit \(.*lower-case letters/],
    [{ ...recipe, sources: [{ ...source, import: undefined }] }, /either `import` or `crawl`/],
  ])('%#', (value, expected) => {
    const said = refusal(value);
    expect(said).toMatch(expected);
    expect(said, 'nobody outside has these files').not.toMatch(/libs\//);
  });
});

// Node's own messages: vitest would import the file by other means.
describe('a recipe that cannot be loaded names the line', () => {
  const program =
    "const { loadRecipe } = await import('@gristmill/corpus'); await loadRecipe(process.argv[1]).catch((e) => console.log(e.message, '|', e.hint));";
  const load = (file: string) =>
    new Promise<string>((done) => {
      execFile(
        process.execPath,
        ['--input-type=module', '-e', program, file],
        { cwd: import.meta.dirname },
        (_, out) => done(out),
      );
    });

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gristmill-recipe-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    [
      'export default {\n  name: "x",\n  sources: [,\n  steps: []\n};\n',
      /r\.ts:4 cannot be loaded: Expected ','/,
    ],
    ['const a = 1;\nconst a = 2;\nexport default {};\n', /r\.ts:2 cannot be loaded: Identifier 'a'/],
    ['\nexport default { name: none.such };\n', /r\.ts:2 cannot be loaded: none is not defined/],
    ['import { z } from "no-such-package";\nexport default {};\n', /no-such-package.*\| import types alone/],
    [
      'enum Kind { web }\nexport default { name: Kind.web };\n',
      /r\.ts:1 cannot be loaded: .*enum.*\| write it as JavaScript with types/,
    ],
  ])('%#', async (text, expected) => {
    const file = join(folder, 'r.ts');
    await writeFile(file, text);
    expect(await load(file)).toMatch(expected);
  });
});

test('the example in recipe.ts is a recipe', async () => {
  const text = await readFile(new URL('../../libs/corpus/src/recipe.ts', import.meta.url), 'utf8');
  const example = /\/\/ @example\n((?:\/\/.*\n)+)/.exec(text)![1].replaceAll(/^\/\/ ?/gm, '');
  const literal = /export default (\{[\s\S]*\}) satisfies Recipe;/.exec(example)![1];
  const value = checkRecipe(new Function(`return ${literal}`)());
  for (const { module, export: name } of [value.sources[0].import!, ...value.steps])
    expect(await import(module)).toHaveProperty(name);
});
