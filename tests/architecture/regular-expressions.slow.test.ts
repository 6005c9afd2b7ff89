// Every regular expression of the product against its worst inputs: literals, and what modules build when they are loaded.
// Only expressions that a user's own file spells (tokenizer.json, a chat template) are not known here.
import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtExpressions, regexLiterals, worstInput } from './regex-literals.ts';

const root = new URL('../../', import.meta.url).pathname;
const folders = ['apps', 'libs', 'pipelines'];
const files = globSync('{libs,apps}/*/src/**/*.ts', { cwd: root })
  .concat(globSync('pipelines/**/*.ts', { cwd: root }))
  .filter((file) => !/node_modules|\.d\.ts$|\.worker\.ts$/.test(file))
  .sort();

const problems = (regexes: readonly RegExp[]) =>
  regexes
    .map((regex) => ({ regex: String(regex).slice(0, 80), input: worstInput(regex) }))
    .filter(({ input }) => input !== undefined);

describe('every regular expression takes time in proportion to its input', () => {
  it.each([...new Set(files.map((file) => file.split('/').slice(0, 2).join('/')))])('in %s', (part) => {
    const slow = files
      .filter((file) => file.startsWith(part))
      .flatMap((file) =>
        regexLiterals(`${root}${file}`).map(({ line, regex }) => ({ file, line, input: worstInput(regex) })),
      )
      .filter(({ input }) => input !== undefined);
    expect(slow).toEqual([]);
  });

  it('also those that modules build when they are loaded', async () => {
    const names = ['clean', 'detect', 'import', 'tokenizer', 'text', 'extract', 'markup', 'http', 'select'];
    const built = await builtExpressions('/libs/', () =>
      Promise.all(names.map((name) => import(`@gristmill/${name}`))),
    );
    expect(built.length).toBeGreaterThan(20);
    expect(problems(built)).toEqual([]);
  });

  it('and the attack finds one that does not', () => {
    expect(folders.every((folder) => files.some((file) => file.startsWith(folder)))).toBe(true);
    expect(worstInput(/(?:a+)+$/)).toBeDefined();
    expect(worstInput(/\s+$/)).toBeDefined();
    expect(worstInput(/a{2,30}$/)).toBeUndefined();
  });
});
