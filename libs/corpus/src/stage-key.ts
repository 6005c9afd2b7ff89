// Keys: what a stage's output depends on besides its input rows. A task id adds the partition and the digests of the
// columns that the task reads. Where a source lies, threads and ranks are in neither.

import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError, hashJson, sha256, type JsonObject } from '@gristmill/core';

interface KeyedCode {
  readonly name: string;
  readonly version: number;
  readonly packages?: readonly string[];
  readonly usesFloatMath?: boolean;
}

/** Layout of tables and markers: raise to have everything computed again. */
const engineVersion = 2;

/**
 * @param module where the stage's code lies: its package's .wasm files and npm packages enter the key
 * @param artefacts SHA-256 of the pinned artefacts it uses, by name
 * @returns 32 hex digits
 */
export function stageKey(
  code: KeyedCode,
  module: string,
  options: JsonObject,
  artefacts: Readonly<Record<string, string>>,
): string {
  const { unicode, icu, zstd, zlib, v8 } = process.versions;
  const home = packageFolder(module);
  const key = {
    engineVersion,
    name: code.name,
    version: code.version,
    options,
    artefacts,
    packages: Object.fromEntries((code.packages ?? []).map((name) => [name, packageVersion(name, home)])),
    wasm: home === undefined ? {} : wasmDigests(home),
    runtime: { unicode, icu, zstd, zlib, ...(code.usesFloatMath ? { v8 } : {}) },
  };
  return hashJson(key as JsonObject).slice(0, 32);
}

export function taskId(
  key: string,
  task: string,
  partition: number | undefined,
  inputs: readonly (readonly string[])[],
): string {
  return hashJson({ key, task, partition, inputs }).slice(0, 24);
}

export function packageFolder(module: string): string | undefined {
  let folder: string;
  try {
    folder = dirname(fileURLToPath(import.meta.resolve(module)));
  } catch {
    return undefined;
  }
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) return undefined;
    folder = dirname(folder);
  }
  return folder;
}

function packageVersion(name: string, home: string | undefined): string {
  let folder = home ?? process.cwd();
  for (;;) {
    const file = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    if (folder === dirname(folder)) break;
    folder = dirname(folder);
  }
  throw new DataError('no-such-package', `the npm package ${name} is not installed`, 'run `npm ci`');
}

const known = new Map<string, Record<string, string>>();

/** Digests of the .wasm files of a package and of the workspace packages that it depends on. */
function wasmDigests(home: string): Record<string, string> {
  const found = known.get(home);
  if (found) return found;
  const digests: Record<string, string> = {};
  for (const folder of workspaceFolders(home)) {
    const source = join(folder, 'src');
    if (!existsSync(source)) continue;
    for (const file of readdirSync(source)
      .filter((name) => name.endsWith('.wasm'))
      .sort()) {
      digests[file] = sha256(readFileSync(join(source, file))).slice(0, 32);
    }
  }
  known.set(home, digests);
  return digests;
}

/** A package's folder and those of the workspace packages that it depends on. */
export function workspaceFolders(home: string, seen = new Set<string>()): Set<string> {
  if (seen.has(home)) return seen;
  seen.add(home);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    name?: string;
    dependencies?: object;
  };
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
