// Temporary corpora for the tests of the engine: seeded text files, a recipe file beside them, runs in this process.
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { readManifest, runRecipe, type Recipe, type RunOutcome, type RunRequest } from '@gristmill/corpus';
import { openDiskStore, type Store } from '@gristmill/storage';

const stages = new URL('./stand-ins.ts', import.meta.url).pathname;

export function recipeOf(changes: Partial<Recipe> = {}): Recipe {
  return {
    name: 'test',
    partitions: 4,
    sources: [
      {
        name: 'notes',
        kind: 'article',
        import: { module: stages, export: 'linesImporter' },
        where: { root: 'notes' },
      },
      {
        name: 'posts',
        kind: 'post',
        import: { module: stages, export: 'linesImporter' },
        where: { root: 'posts' },
      },
    ],
    steps: [
      { stage: 'extract', module: stages, export: 'extractStage' },
      { stage: 'clean', module: stages, export: 'cleanStage', options: { lower: true } },
      { stage: 'annotate', module: stages, export: 'lengthStage' },
      { stage: 'dedup', module: stages, export: 'dedupStage' },
      { stage: 'tokenizer', module: stages, export: 'tokenizerStage' },
      { stage: 'pack', module: stages, export: 'packStage' },
    ],
    ...changes,
  };
}

const words = 'over the hills and far away a miller ground Corn for Bread until his wheel broke'.split(' ');

export function makeText(number: number): string {
  const random = createRandom(number);
  const length = 3 + Math.floor(random() * 80);
  return Array.from({ length }, () => words[Math.floor(random() * words.length)]).join(' ') + '  \n';
}

export class TestCorpus {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Notes 0 … count−1 as files, a tenth as many lines of posts. */
  static async make(count = 60, recipe = recipeOf()): Promise<TestCorpus> {
    const corpus = new TestCorpus(await mkdtemp(join(tmpdir(), 'gristmill-corpus-')));
    for (let i = 0; i < count; i++) await corpus.write(`notes/${i % 5}/note-${i}.txt`, makeText(i));
    const posts = Array.from({ length: count / 2 }, (_, i) =>
      JSON.stringify({ id: `p${i}`, text: makeText(1000 + i) }),
    );
    await corpus.write('posts/all.jsonl', posts.join('\n'));
    await corpus.write('notes/twin.txt', makeText(3));
    await corpus.write('notes/empty.txt', '..');
    await corpus.setRecipe(recipe);
    return corpus;
  }

  async setRecipe(recipe: unknown): Promise<void> {
    // A module is imported once a process: each version has a name of its own, the lock stays.
    this.recipe = `recipe-${++versions}.ts`;
    await this.write(this.recipe, `export default ${JSON.stringify(recipe)};`);
  }
  recipe = '';

  /** With a time of its own: changes within a clock tick count as changes. */
  async write(path: string, text: string | Uint8Array): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    const time = 1_700_000_000 + ++versions;
    await utimes(file, time, time);
  }

  remove(path: string): Promise<void> {
    return rm(join(this.folder, path), { recursive: true });
  }

  store(name = 'corpus'): Store {
    return openDiskStore({ root: join(this.folder, name), sync: false });
  }

  run(options: Partial<RunRequest> & { corpus?: string } = {}): Promise<RunOutcome> {
    return runRecipe({
      recipe: join(this.folder, this.recipe),
      store: this.store(options.corpus),
      lock: join(this.folder, 'test.lock'),
      workers: 0,
      ...options,
    });
  }

  /** Path → SHA-256 of every file that the newest manifest names; each is also checked against its file. */
  async files(name = 'corpus'): Promise<Record<string, string>> {
    const manifest = await readManifest(this.store(name));
    return Object.fromEntries(manifest!.files.map((file) => [file.path, file.sha256]));
  }

  async copy(from: string, to: string): Promise<void> {
    await cp(join(this.folder, from), join(this.folder, to), { recursive: true, preserveTimestamps: true });
  }

  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

let versions = 0;
