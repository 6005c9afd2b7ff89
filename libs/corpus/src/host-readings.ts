// raw/_hosts/readings.jsonl: what hosts said in files of their own when they were asked again, one reading a line, oldest
// first. A recorded input like the tombstones: nothing in it is ever changed. A text that an earlier line has is named by
// its SHA-256. The archive of the answers lies beside it.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostReading, ReadFile } from '@gristmill/consent';
import { createRecord, DataError, hashJson, ownValue, sha256, type Json } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { underLease } from './lease.ts';
import { openRawFolder } from './raw-folder.ts';

/** No source can have this name. */
export const hostsFolder = '_hosts';
export const readingsFile = `raw/${hostsFolder}/readings.jsonl`;

interface StoredFile extends ReadFile {
  readonly sha256?: string;
}

interface StoredReading extends HostReading {
  readonly files: readonly StoredFile[];
}

/** Origin → the newest word of each of its files. */
export type HostReadings = ReadonlyMap<string, HostReading>;

/** @param until ISO 8601: as they were then */
export async function readHostReadings(store: Store, until = '~'): Promise<HostReadings> {
  const readings = new Map<string, HostReading>();
  if (!(await store.stat(readingsFile))) return readings;
  const text = new TextDecoder().decode(await store.read(readingsFile));
  for (const reading of parseReadings(text)) {
    const files = reading.files.filter(({ fetchedAt }) => fetchedAt <= until);
    if (files.length > 0)
      readings.set(reading.origin, joined(readings.get(reading.origin), { ...reading, files }));
  }
  return readings;
}

/** The licences that robots.txt names are those of its newest reading. */
function joined(earlier: HostReading | undefined, reading: HostReading): HostReading {
  const isAnew = new Set(reading.files.map(({ kind }) => kind));
  if (isAnew.has('robots')) isAnew.add('rsl');
  const stays = (earlier?.files ?? []).filter(({ kind }) => !isAnew.has(kind));
  const files = reading.files.map((file) => {
    const before = earlier?.files.find(({ kind, url }) => kind === file.kind && url === file.url);
    const isSame = before !== undefined && before.text === file.text;
    return isSame ? { ...file, since: before.since ?? before.fetchedAt } : file;
  });
  return { ...reading, files: [...files, ...stays] };
}

function parseReadings(text: string): HostReading[] {
  const texts = new Map<string, string>();
  return text.split('\n').flatMap((line, index) => {
    if (line === '') return [];
    try {
      const { origin, agent, files } = JSON.parse(line) as StoredReading;
      const whole = files.map(({ sha256: digest, ...file }): ReadFile => {
        if (digest === undefined) return file;
        if (file.text !== undefined) texts.set(digest, file.text);
        const known = texts.get(digest);
        if (known === undefined) throw new TypeError(`no text has the SHA-256 ${digest}`);
        return { ...file, text: known };
      });
      return [{ origin, agent, files: whole }];
    } catch (cause) {
      throw new DataError(
        'readings-damaged',
        `line ${index + 1} of ${readingsFile} is no reading of a host`,
        'restore the file: without it what sites said since would be lost',
        { cause },
      );
    }
  });
}

/** Appends readings; they count from the next build on. Replaces the file whole, under the lease of builds. */
export function addHostReadings(store: Store, added: readonly HostReading[]): Promise<void> {
  return underLease(store, 'being told what hosts say', async () => {
    const raw = await openRawFolder(store, hostsFolder);
    const path = join(raw.path, 'readings.jsonl');
    const standing = await readFile(path, 'utf8').catch(() => '');
    const known = new Set(
      parseReadings(standing).flatMap(({ files }) =>
        files.flatMap(({ text }) => (text === undefined ? [] : sha256(text))),
      ),
    );
    const lines = added.map(
      (reading) => `${JSON.stringify({ ...reading, files: reading.files.map(short) })}\n`,
    );
    if (store.folder === undefined) await writeFile(path, standing + lines.join(''));
    else await store.replace(readingsFile, standing + lines.join(''));
    await raw.save();

    function short({ text, ...file }: ReadFile): StoredFile {
      if (text === undefined) return file;
      const digest = sha256(text);
      const isKnown = known.has(digest);
      known.add(digest);
      return { ...file, sha256: digest, ...(!isKnown && { text }) };
    }
  });
}

/** Origin → digest of what it says. */
export function digestReadings(readings: HostReadings): Record<string, string> {
  const digests = createRecord<string>();
  for (const [origin, reading] of readings) digests[origin] = hashJson(reading as unknown as Json);
  return digests;
}

/** Origins of which something else is known than before. */
export function movedHosts(
  before: Readonly<Record<string, string>> = {},
  now: Readonly<Record<string, string>> = {},
): string[] {
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...names].filter((origin) => ownValue(before, origin) !== ownValue(now, origin)).sort();
}

/** Files of the readings and their archive, as a manifest names them. */
export async function hostFilePaths(store: Store): Promise<string[]> {
  const files = await store.list(`raw/${hostsFolder}/`);
  const paths = files.map(({ path }) => path);
  return paths.filter((path) => path === readingsFile || path.endsWith('.warc.gz')).sort();
}
