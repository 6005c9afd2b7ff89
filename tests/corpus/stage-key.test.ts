// What is in a stage's key besides its name, version and options: models, and the code of stages that are none of ours.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFunnel } from '@gristmill/corpus';
import { dataDigests } from '../../libs/corpus/src/code-digests.ts';
import { packageFolder, stageKey } from '../../libs/corpus/src/stage-key.ts';
import { TestCorpus, recipeOf } from './corpora.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

let packages = 0;
/** @returns the key of a stage in a package of these files */
async function keyIn(files: Record<string, string>, name = '@gristmill/made'): Promise<string> {
  const home = join(folder, String(++packages));
  const manifest = {
    name,
    version: '1.0.0',
    exports: { '.': { types: './x.d.ts', default: './src/index.ts' } },
  };
  const all = { 'package.json': JSON.stringify(manifest), 'src/index.ts': 'export {};', ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text);
  }
  const module = pathToFileURL(join(home, 'src/index.ts')).href;
  return stageKey({ name: 'made', version: 1 }, module, {}, {});
}

it('a model of the package is in the key, however deep it lies; its code has a version instead', async () => {
  const key = await keyIn({ 'src/models/m.bin': 'weights', 'src/words.json': '[]' });
  expect(await keyIn({ 'src/models/m.bin': 'weights', 'src/words.json': '[]' })).toBe(key);
  expect(await keyIn({ 'src/models/m.bin': 'Weights', 'src/words.json': '[]' })).not.toBe(key);
  expect(await keyIn({ 'src/models/m.bin': 'weights', 'src/words.json': '[1]' })).not.toBe(key);
  const same = {
    'src/models/m.bin': 'weights',
    'src/words.json': '[]',
    'src/more.ts': 'x',
    'test/m.bin': 'x',
  };
  expect(await keyIn(same)).toBe(key);
});

it('the models that ship with the stages are among them, those of packages they depend on too', () => {
  const names = (module: string) => Object.keys(dataDigests(packageFolder(module)!));
  expect(names('@gristmill/annotate')).toContain('@gristmill/detect/language/language-model.bin');
  expect(names('@gristmill/annotate')).toContain('@gristmill/detect/language-kernel.wasm');
  expect(names('@gristmill/extract')).toContain('@gristmill/extract/content-model.json');
  expect(names('@gristmill/dedup')).toContain('@gristmill/dedup/fingerprint.wasm');
  expect(names('@gristmill/pack')).toContain('@gristmill/tokenizer/encode-kernel.wasm');
});

it('the code of a stage of somebody else is in the key, with what it imports', async () => {
  const files = {
    'src/index.ts': "import './more.ts'",
    'src/more.ts': "new URL('./m.txt', import.meta.url)",
  };
  const key = await keyIn({ ...files, 'src/m.txt': '1' }, 'mine');
  expect(await keyIn({ ...files, 'src/m.txt': '1' }, 'mine')).toBe(key);
  expect(await keyIn({ ...files, 'src/m.txt': '2' }, 'mine')).not.toBe(key);
  expect(await keyIn({ ...files, 'src/m.txt': '1', 'src/more.ts': "'./m.txt'" }, 'mine')).not.toBe(key);
  expect(await keyIn({ ...files, 'src/m.txt': '1', 'src/other.ts': 'unused' }, 'mine')).toBe(key);
});

it('an edited stage beside the recipe is run anew without a new version', async () => {
  await using corpus = await TestCorpus.make(5);
  const run = async (name: string, word: string) => {
    await corpus.write(
      `${name}.mjs`,
      `export const stage = { name: 'extract', version: 1, reads: ['bytes'], columns: [{ name: 'text', type: 'string' }],
         create: () => ({ id }) => ({ id, text: '${word}' }) };`,
    );
    const steps = [{ stage: 'extract' as const, module: `./${name}.mjs`, export: 'stage' }];
    await corpus.setRecipe(recipeOf({ steps }));
    return makeFunnel(await corpus.run())[1];
  };
  const first = await run('one', 'hills');
  expect(first.computedRows).toBe(first.documentsIn);
  expect((await run('two', 'hills')).computedRows).toBe(0);
  expect((await run('three', 'valleys')).computedRows).toBe(first.documentsIn);
});
