// The mechanical rules of docs/architecture.md. A broken rule fails with a sentence that says what to do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  findImports,
  listFolders,
  packageOf,
  readPackages,
  root,
  type WorkspacePackage,
} from './workspace.ts';

const packages = readPackages();
const byName = new Map(packages.map((entry) => [entry.name, entry]));
const engines = 'storage text consent workers http markup warc detect tokenizer shards corpus'.split(' ');
const stages = 'crawl import extract clean annotate dedup select pack'.split(' ');
const trainerLibraries = 'core storage text detect tokenizer shards tensor models'.split(' ');
const modelImports: Record<string, string[]> = {
  tensor: ['core', 'storage'],
  models: ['core', 'storage', 'tokenizer', 'shards', 'tensor'],
};

/** The libraries that a package may import. */
function allowedImports({ name, layer }: WorkspacePackage): readonly string[] {
  if (layer === 'core') return [];
  if (layer === 'engine') return ['core', ...engines.slice(0, engines.indexOf(name))];
  if (layer === 'stage') return ['core', ...engines];
  if (layer === 'model') return modelImports[name] ?? [];
  if (name === 'trainer' || name === 'serve') return trainerLibraries;
  return [...byName.keys()];
}

interface Import {
  readonly from: WorkspacePackage;
  readonly path: string;
  readonly specifier: string;
  readonly target: string | undefined;
}

const imports: Import[] = packages.flatMap((from) =>
  from.files.flatMap(({ path, imports: specifiers }) =>
    specifiers.map((specifier) => ({ from, path, specifier, target: packageOf(specifier) })),
  ),
);
const ours = (name: string | undefined): string | undefined =>
  name?.startsWith('@gristmill/') ? name.slice('@gristmill/'.length) : undefined;

describe('layers', () => {
  test('every library has its layer', () => {
    const expected = new Map<string, string>([
      ['core', 'core'],
      ...engines.map((name) => [name, 'engine'] as const),
      ...stages.map((name) => [name, 'stage'] as const),
      ...Object.keys(modelImports).map((name) => [name, 'model'] as const),
    ]);
    const libraries = packages.filter(({ folder }) => folder.startsWith('libs/'));
    expect(new Map(libraries.map(({ name, layer }) => [name, layer]))).toEqual(new Map([...expected].sort()));
  });

  test('a package imports only from the layers below it', () => {
    const broken = imports
      .map((entry) => ({ ...entry, library: ours(entry.target) }))
      .filter(({ from, library }) => library !== undefined && library !== from.name)
      .filter(({ from, library }) => !allowedImports(from).includes(library as string))
      .map(({ path, from, library }) => `${path}: ${from.name} (${from.layer}) may not import ${library}`);
    expect(broken).toEqual([]);
  });

  test('libraries do not import each other in a circle', () => {
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (name: string, path: string[]): void => {
      if (state.get(name) === 'done') return;
      if (state.get(name) === 'open') return void circles.push([...path, name].join(' → '));
      state.set(name, 'open');
      for (const entry of imports) {
        const next = ours(entry.target);
        if (entry.from.name === name && next && next !== name) visit(next, [...path, name]);
      }
      state.set(name, 'done');
    };
    for (const { name } of packages) visit(name, []);
    expect(circles).toEqual([]);
  });
});

describe('packages', () => {
  test('every import is declared in the package.json beside it', () => {
    const rootTools = new Set(['vitest', 'assemblyscript', 'typescript']);
    const missing = imports
      .filter(({ target }) => target !== undefined && !(target && rootTools.has(target)))
      .filter(
        ({ from, target }) => target !== `@gristmill/${from.name}` && !from.declared.has(target as string),
      )
      .map(({ path, from, target }) => `${path} imports ${target}: add it to ${from.folder}/package.json`);
    expect([...new Set(missing)]).toEqual([]);
  });

  test('every declared dependency of a library is imported by it', () => {
    const idle = packages
      .filter(({ folder }) => folder.startsWith('libs/'))
      .flatMap((entry) => {
        const used = new Set(entry.files.flatMap((file) => file.imports.map(packageOf)));
        return [...entry.declared]
          .filter((name) => !used.has(name))
          .map((name) => `${entry.folder}: ${name}`);
      });
    expect(idle, 'remove these from the package.json, nothing imports them').toEqual([]);
  });

  test('an npm package has one owner among the libraries', () => {
    const owners = new Map<string, Set<string>>();
    for (const { from, target } of imports) {
      if (!target || ours(target) || !from.folder.startsWith('libs/')) continue;
      owners.set(target, (owners.get(target) ?? new Set()).add(from.name));
    }
    const shared = [...owners]
      .filter(([, names]) => names.size > 1)
      .map(([name, names]) => `${name}: ${[...names].join(', ')}`);
    expect(shared).toEqual([]);
  });

  test('libraries are imported by their name, never by a path into their folder', () => {
    const paths = imports
      .filter(({ from, specifier }) => specifier.startsWith('.') && from.name !== 'tests')
      .filter(({ path, specifier }) => leavesPackage(path, specifier))
      .map(({ path, specifier }) => `${path} imports ${specifier}`);
    expect(paths).toEqual([]);
  });
});

describe('files and folders', () => {
  test('no source file is longer than 400 lines unless it is a table', () => {
    const long = packages
      .flatMap(({ files }) => files)
      .filter(({ path, lines }) => lines > 400 && !/[-.]table\.ts$/.test(path))
      .map(({ path, lines }) => `${path}: ${lines} lines, split it by concept`);
    expect(long).toEqual([]);
  });

  test('an index is a list of at most 30 lines of named exports', () => {
    const long = packages
      .flatMap(({ folder, files }) => files.filter(({ path }) => path === `${folder}/src/index.ts`))
      .filter(({ lines }) => lines > 30)
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(long).toEqual([]);
  });

  test('no folder has a name that says nothing', () => {
    const empty = /(^|\/)(utils?|helpers?|common|shared|misc|base|manager|service)$/;
    expect(listFolders().filter((folder) => empty.test(folder))).toEqual([]);
  });
});

test('imports are found however they are written', () => {
  const text = readFileSync(join(root, 'tests/architecture/fixtures/imports.txt'), 'utf8');
  expect(findImports(text)).toEqual(['one', '@two/x/deep', './three.ts', 'four', 'five', 'six']);
  expect(['@two/x/deep', 'one/y', './z.ts', 'node:fs'].map(packageOf)).toEqual([
    '@two/x',
    'one',
    undefined,
    undefined,
  ]);
});

function leavesPackage(path: string, specifier: string): boolean {
  const { pathname } = new URL(specifier, `file:///${path}`);
  const top = (value: string): string => value.split('/').slice(0, 2).join('/');
  return pathname.startsWith('/libs/') && top(pathname.slice(1)) !== top(path);
}
