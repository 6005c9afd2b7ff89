import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { allEntries, findEntries } from '../../apps/cli/src/commands/options.ts';
import { collectEntries } from '../../apps/cli/src/reference/collect-entries.ts';
import { renderEntry } from '../../apps/cli/src/reference/render-entries.ts';
import { keepProgram } from '../kept-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { makeReference } = (await import(`${root}scripts/write-reference.mjs`)) as {
  makeReference(): Promise<Map<string, string>>;
};
const entries = await collectEntries([]);

const program = keepProgram('cli');
afterAll(() => program.close());
const options = (...words: string[]) => program.run(['options', ...words]);

describe('the reference', () => {
  test('is what the code says', async () => {
    for (const [path, text] of await makeReference())
      expect(await readFile(root + path, 'utf8'), `${path} is out of date: npm run reference`).toBe(text);
  });

  test('describes every importer, stage and option in a sentence', () => {
    const code = entries.filter(({ chapter }) => chapter === 'importers' || chapter === 'stages');
    expect(code.length).toBeGreaterThan(30);
    for (const { name, description, options: schema } of code) {
      expect(description, name).toMatch(/\.$|select's\.$/);
      if (name !== 'groupStage') expect(schema, name).toBeDefined(); // its options are languages
      for (const [option, spec] of Object.entries(schema ?? {}))
        expect(spec.description, `${name}.${option}`).toMatch(/[.]$/);
    }
  });

  test('holds every policy with its thresholds', () => {
    const gopher = entries.find(({ chapter, name }) => chapter === 'policies' && name === 'gopher')!;
    expect(gopher.lines).toContain(
      '- `maxDup5GramCharFraction` (0.15): drops when `dup5GramCharFraction` > it, reason `duplicated_5_n_grams`',
    );
  });
});

describe('gristmill options', () => {
  test('lists all names, and prints the section of one as the reference has it', async () => {
    const { stdout } = await options();
    for (const name of ['jsonDocumentsImporter', 'selectStage', 'gopher', 'settings'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    const { stdout: section } = await options('select');
    expect(section).toMatch(/^### selectStage\n/);
    expect(section).toMatch(/`threshold` \(a number from 0\.5 to 1, or null; default 0\.8\)/);
  });

  test('finds an option, a setting, an error code', async () => {
    const all = await allEntries();
    const [field, rate, code] = ['textField', 'learningRate', 'wrong-rank'].map((name) =>
      findEntries(name, all).map(renderEntry).join('\n'),
    );
    expect(field).toMatch(/### jsonDocumentsImporter[\s\S]*- `textField`/);
    expect(field).not.toContain('idField` (');
    expect(rate).toMatch(/- `learningRate` \(a number of at least 0; default 0\.0006\)/);
    expect(code).toContain('give --rank R --of N');
  });

  test('guesses what was meant', async () => {
    const { stderr } = await options('gohper');
    expect(stderr).toMatch(/nothing is named gohper\n {2}hint: did you mean gopher\?/);
  });

  test("prints a stage of one's own", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gristmill-options-'));
    const file = join(folder, 'own.ts');
    await writeFile(
      file,
      `export const shout: object = { name: 'shout', version: 1, reads: ['text'], columns: [], description: 'Loud.',
        options: { marks: { type: 'integer', default: 1, description: 'How many.' } }, create: () => (row: object) => row };`,
    );
    const { stdout } = await options(file);
    await rm(folder, { recursive: true });
    expect(stdout).toMatch(/### shout\n\nLoud\.[\s\S]*- `marks` \(an integer; default 1\): How many\./);
  });
});
