// What `npm run package` makes, installed as a stranger would: an empty folder, npm, Node 20 and Node 24. The packages of
// others come from npm's registry or its cache.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');
const node24 = dirname(process.execPath);
/** An older Node of this machine that the launcher has to help; without one that test skips. */
const node20 = ['/usr/bin', '/usr/local/bin'].find((folder) => existsSync(join(folder, 'node')));
let home: string;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], path?: string): Promise<Ended> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const PATH = path === undefined ? env.PATH : [path, env.PATH].join(delimiter);
  return new Promise((done) => {
    execFile(command, args, { cwd: home, env: { ...env, PATH }, maxBuffer: 1 << 26 }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gristmill-packed-'));
  const packed = await run(process.execPath, [join(root, 'scripts/package.mjs')]);
  expect(packed.code, packed.err).toBe(0);
  // As `npm init -y` writes it.
  await writeFile(join(home, 'package.json'), '{"name": "own", "version": "1.0.0", "type": "commonjs"}');
  const tarballs = (await readdir(dist))
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => join(dist, file));
  const installed = await run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--loglevel=error',
    ...tarballs,
  ]);
  expect(installed.code, installed.err).toBe(0);
  await mkdir(join(home, 'notes'));
  for (const animal of ['owl', 'heron', 'otter'])
    await writeFile(
      join(home, 'notes', `${animal}.md`),
      `# ${animal}\n\nThe ${animal} lives near the mill and comes to the water.\n`,
    );
}, 1_200_000);
afterAll(() => rm(home, { recursive: true, force: true }));

test('every package has JavaScript, declarations, a licence, a README and ranges, and no TypeScript to run', async () => {
  const folders = await readdir(join(dist, 'packages'));
  expect(folders.length).toBeGreaterThan(20);
  for (const folder of folders) {
    const place = join(dist, 'packages', folder);
    const json = JSON.parse(await readFile(join(place, 'package.json'), 'utf8')) as {
      license: string;
      dependencies?: Record<string, string>;
      exports: Record<string, string | { types: string; default: string }>;
    };
    expect(json.license, folder).toBe('Apache-2.0');
    for (const [name, range] of Object.entries(json.dependencies ?? {}))
      expect(range, `${folder} → ${name}`).toMatch(/\d/);
    for (const file of ['LICENSE', 'README.md'])
      expect(existsSync(join(place, file)), `${folder}/${file}`).toBe(true);
    const main = json.exports['.'];
    if (typeof main === 'object')
      for (const file of [main.types, main.default])
        expect(existsSync(join(place, file)), `${folder} ${file}`).toBe(true);
    const files = await readdir(place, { recursive: true });
    expect(
      files.filter((file) => /(?<!\.d)\.ts$/.test(file)),
      folder,
    ).toEqual([]);
  }
});

describe.each([
  ['Node 24', node24],
  ['an older Node by the launcher', node20],
])('under %s', (title, path) => {
  test('npx gristmill looks at a folder and builds it, on standard output nothing but the answer', async (context) => {
    if (path === undefined) return context.skip('no other Node is here');
    const name = title.replaceAll(' ', '-').toLowerCase();
    const version = await run('npx', ['--no-install', 'gristmill', '--version'], path);
    expect(version.out, version.err).toMatch(/^\d+\.\d+\.\d+\n$/);
    const init = await run(
      'npx',
      ['--no-install', 'gristmill', 'init', 'notes', '--out', `${name}.ts`],
      path,
    );
    expect(init.code, init.err).toBe(0);
    const built = await run('npx', ['--no-install', 'gristmill', 'run', `${name}.ts`, '--json'], path);
    expect(built.code, built.err).toBe(0);
    expect(JSON.parse(built.out)).toMatchObject({ isNew: true, corpus: name });
    const options = await run('npx', ['--no-install', 'gristmill', 'options', 'gopher'], path);
    expect(options.out).toMatch(/^### gopher\n/);
    const trainer = await run('npx', ['--no-install', 'gristmill-trainer', '--version'], path);
    expect(trainer.code, trainer.err).toBe(0);
  });
});

test('builds are those of a checkout, byte for byte by their identity', async () => {
  const recipe = 'same.ts';
  await run('npx', ['--no-install', 'gristmill', 'init', 'notes', '--out', recipe], node24);
  const packed = await run(
    'npx',
    ['--no-install', 'gristmill', 'run', recipe, '--json', '--corpus', 'packed'],
    node24,
  );
  const program = join(root, 'apps/cli/bin/gristmill.mjs');
  const checkout = await run(process.execPath, [program, 'run', recipe, '--json', '--corpus', 'checkout']);
  const idOf = ({ out, err }: Ended) => {
    expect(out, err).not.toBe('');
    return (JSON.parse(out) as { build: string }).build;
  };
  expect(idOf(packed)).toBe(idOf(checkout));
});

test('a stage of one’s own runs, and recipe, stage and libraries have types', async () => {
  const page = await readFile(join(root, 'docs/own-stage.md'), 'utf8');
  for (const [, name, text] of page.matchAll(/^```(?:ts|json) (\S+)\n([\s\S]*?)^```/gm))
    await writeFile(join(home, name), text);
  await mkdir(join(home, 'posts'));
  await writeFile(
    join(home, 'posts', 'a.jsonl'),
    '{"text": "A quiet post about a mill and its river."}\n{"text": "So! Loud! It! Hurts!"}\n',
  );
  const built = await run(
    'npx',
    ['--no-install', 'gristmill', 'run', 'recipe.ts', '--corpus', 'posts-corpus', '--workers', '2'],
    node24,
  );
  expect(built.code, built.err).toBe(0);
  expect(built.out).toMatch(/^select +2 +1 .*shouting 1/m);
  await writeFile(
    join(home, 'use.mts'),
    `import { loadTokenizer, type Tokenizer } from '@gristmill/tokenizer';
     const tokenizer: Tokenizer = await loadTokenizer('gpt2');
     const ids = tokenizer.encode('The mill');
     // @ts-expect-error a text is no number
     export const never = () => tokenizer.encode(3);
     console.log(JSON.stringify([...ids]));\n`,
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const checked = await run(process.execPath, [tsc, '--project', '.', '--noEmit', '--skipLibCheck', 'false']);
  expect(checked.out, checked.err).toBe('');
  const used = await run(process.execPath, ['use.mts']);
  expect(used.out, used.err).toBe('[464,3939]\n');
});
