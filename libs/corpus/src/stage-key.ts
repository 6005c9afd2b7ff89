// Keys: what a stage's output depends on besides its input rows. A task id adds the partition and the digests of the
// columns that the task reads. Where a source lies, threads and ranks are in neither.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError, hashJson, type JsonObject } from '@gristmill/core';
import { codeDigest, dataDigests, readManifest } from './code-digests.ts';

interface KeyedCode {
  readonly name: string;
  readonly version: number;
  readonly packages?: readonly string[];
  readonly usesFloatMath?: boolean;
}

/** Layout of tables and markers: raise to have everything computed again. */
const engineVersion = 2;

/**
 * @param module where the stage's code lies: the models and other data of its package, and of the packages of ours that it
 *   depends on, enter the key; so does the code of a stage that is none of ours
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
    data: home === undefined ? {} : dataDigests(home),
    ...ownCode(module),
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

/**
 * What tells the code of a stage apart that has no version of ours: the digest of a file beside the recipe and of all that
 * it names by a relative path; the version of a package of somebody else. Ours raise a version when their output changes
 * (docs/decisions/013-what-is-in-a-key.md).
 */
export function ownCode(module: string): { code?: string } {
  const home = packageFolder(module);
  const manifest = home === undefined ? undefined : readManifest(home);
  if (manifest?.name?.startsWith('@gristmill/')) return {};
  if (module.startsWith('file:')) return { code: codeDigest(fileURLToPath(module)) };
  return manifest?.version === undefined ? {} : { code: `${manifest.name}@${manifest.version}` };
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
    if (existsSync(file)) return readManifest(dirname(file)).version!;
    if (folder === dirname(folder)) break;
    folder = dirname(folder);
  }
  throw new DataError('no-such-package', `the npm package ${name} is not installed`, 'run `npm ci`');
}
