// Digests of what shapes a stage's output besides its versions: the models and other data of packages, and the code of
// stages that lie beside a recipe.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { sha256 } from '@gristmill/core';

interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly exports?: unknown;
  readonly dependencies?: object;
}

export function readManifest(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest;
}

const codeEndings = /\.([mc]?[jt]s|tsbuildinfo|map)$/;
const known = new Map<string, Record<string, string>>();

/** `<package>/<path>` → digest, of every file that is no code in a package and in those of its workspace that it depends on. */
export function dataDigests(home: string): Record<string, string> {
  const found = known.get(home);
  if (found) return found;
  const digests: Record<string, string> = {};
  for (const folder of workspaceFolders(home)) {
    const [manifest, source] = [readManifest(folder), sourceFolder(folder)];
    for (const path of listData(source)) {
      const name = `${manifest.name}/${relative(source, path).split(sep).join('/')}`;
      digests[name] = sha256(readFileSync(path)).slice(0, 32);
    }
  }
  known.set(home, digests);
  return digests;
}

/** Where the package's entry lies: src in a checkout, what was made of it in a published package. */
export function sourceFolder(folder: string): string {
  let entry = readManifest(folder).exports;
  while (entry !== null && typeof entry === 'object') {
    const members = entry as Record<string, unknown>;
    entry = members['.'] ?? members.import ?? members.default;
  }
  return typeof entry === 'string' ? dirname(join(folder, entry)) : join(folder, 'src');
}

function listData(source: string): string[] {
  if (!existsSync(source)) return [];
  return readdirSync(source, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !codeEndings.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(source, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
    .sort();
}

/** Of a file, whatever its name, and of all that it and those name by a relative path in quotes: imports and data. */
export function codeDigest(file: string): string {
  const files = new Set<string>();
  collect(file, files);
  const root = dirname(file);
  const hash = createHash('sha256').update(readFileSync(file));
  files.delete(file);
  for (const path of [...files].sort())
    hash.update(`${relative(root, path).split(sep).join('/')} ${sha256(readFileSync(path))}\n`);
  return hash.digest('hex').slice(0, 32);
}

const mostFiles = 1000;

function collect(file: string, files: Set<string>): void {
  if (files.has(file) || files.size >= mostFiles || !isFile(file)) return;
  files.add(file);
  if (!codeEndings.test(file)) return;
  const code = readFileSync(file, 'utf8');
  for (const [, path] of code.matchAll(/['"`](\.{1,2}\/[^'"`\n]+)['"`]/g))
    collect(resolve(dirname(file), path), files);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** A package's folder and those of the workspace packages that it depends on. */
export function workspaceFolders(home: string, seen = new Set<string>()): Set<string> {
  if (seen.has(home)) return seen;
  seen.add(home);
  const manifest = readManifest(home);
  const scope = manifest.name?.split('/')[0];
  const require = createRequire(join(home, 'package.json'));
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (!scope?.startsWith('@') || !name.startsWith(`${scope}/`)) continue;
    try {
      workspaceFolders(dirname(require.resolve(`${name}/package.json`)), seen);
    } catch {
      // A package that hides its package.json has no wasm of ours.
    }
  }
  return seen;
}
