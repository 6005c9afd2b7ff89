// Reads the workspace as data: every package, its layer, its files and what they import.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface WorkspacePackage {
  /** Short name, for example `shards`. */
  readonly name: string;
  /** Folder relative to the root. */
  readonly folder: string;
  readonly layer: string;
  /** Declared packages of every kind, npm and workspace. */
  readonly declared: ReadonlySet<string>;
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  /** Path relative to the root. */
  readonly path: string;
  readonly lines: number;
  /** Module specifiers as written, static and dynamic, `new URL` workers included. */
  readonly imports: readonly string[];
}

const skipped = new Set(['node_modules', '.types', 'dist', 'fixtures', 'demo-output', '.cache', 'assembly']);

export function listFolders(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !skipped.has(entry.name) && !entry.name.startsWith('.'))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return [relative(root, path), ...listFolders(path)];
    });
}

export function readPackages(): WorkspacePackage[] {
  const folders = ['libs', 'apps'].flatMap((top) =>
    readdirSync(join(root, top)).map((name) => `${top}/${name}`),
  );
  return [...folders, 'pipelines', 'tests']
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map(readPackage);
}

function readPackage(folder: string): WorkspacePackage {
  const json = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    nx: { tags: string[] };
    [kind: string]: unknown;
  };
  const kinds = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
  return {
    name: json.name.replace('@gristmill/', ''),
    folder,
    layer: json.nx.tags.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length) ?? 'none',
    declared: new Set(kinds.flatMap((kind) => Object.keys((json[kind] ?? {}) as object))),
    files: listSources(join(root, folder)),
  };
}

function listSources(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split('/')
          .some((part) => skipped.has(part)),
    )
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      return { path: relative(root, path), lines: text.split('\n').length - 1, imports: findImports(text) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Specifiers of import and export declarations at the start of a line, of import() and of createRequire calls. */
export function findImports(text: string): string[] {
  const found: string[] = [];
  const declaration = /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm;
  const call = /\b(?:import|require|require\.resolve)\(\s*['"]([^'"]+)['"]/g;
  for (const match of text.matchAll(declaration)) found.push(match[1] ?? match[2]);
  const resolve = /\bimport\.meta\.resolve\(\s*['"`]([^'"`$]+)/g;
  for (const match of text.matchAll(call)) found.push(match[1]);
  for (const match of text.matchAll(resolve)) found.push(match[1]);
  return found;
}

/** The npm package of a specifier: `@a/b/c` → `@a/b`, `x/y` → `x`; undefined for relative paths and Node's modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('/') || specifier.startsWith('node:'))
    return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
