// What the provider says, from a file: it fills what the build cannot know, and nothing else. A number that was counted
// cannot be said over.

import { readFile } from 'node:fs/promises';
import { DataError, suggestName, type Json, type JsonObject } from '@gristmill/core';
import { toFill } from './audit-context.ts';
import type { SourceDescriptions } from './sources.ts';

export interface ProviderFile {
  /** As EU_PUBLIC_SUMMARY.json is built: fields that are to be filled. */
  readonly summary?: JsonObject;
  /** Source of the recipe → what it is. */
  readonly sources?: SourceDescriptions;
  /** Answers of AB2013.md by their key. */
  readonly ab2013?: JsonObject;
}

const members = ['summary', 'sources', 'ab2013'];

/** @throws DataError `provider-file` */
export async function readProviderFile(path: string | undefined): Promise<ProviderFile> {
  if (path === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw wrong(
      `${path} cannot be read as JSON`,
      'write {"summary": {…}, "sources": {…}, "ab2013": {…}}: docs/audit.md',
      cause,
    );
  }
  if (!isObject(value)) throw wrong(`${path} holds no object`, `its members are ${members.join(', ')}`);
  for (const [name, member] of Object.entries(value)) {
    if (!members.includes(name))
      throw wrong(
        `${path} has the member ${name}`,
        suggestName(name, members, `its members are ${members.join(', ')}`),
      );
    if (!isObject(member)) throw wrong(`${name} of ${path} is no object`, 'see docs/audit.md');
  }
  return value as ProviderFile;
}

/** Sections that hold sources: what a source is decides its section, so that it is said once, under `sources`. */
const sourceSections = ['publicDatasets', 'privateDatasets', 'otherSources'];

/** @throws DataError `provider-file` */
export function fillSummary(counted: JsonObject, said: JsonObject | undefined): JsonObject {
  const wrongSection = sourceSections.find((name) => said !== undefined && Object.hasOwn(said, name));
  if (wrongSection !== undefined)
    throw wrong(
      `the provider's file fills summary.${wrongSection}`,
      'describe the source under "sources": {"NAME": {"category": …, "name": …, "url": …, "version": …}}',
    );
  return fillIn(counted, said) as JsonObject;
}

/**
 * @returns `counted` with what `said` gives for its places that are to be filled
 * @throws DataError `provider-file` for a place that is none, or is known
 */
export function fillIn(counted: Json, said: Json | undefined, path = ''): Json {
  if (said === undefined || said === null) return counted;
  if (isPlaceholder(counted)) return said;
  if (Array.isArray(counted) && Array.isArray(said))
    return (counted as readonly Json[]).map((value, i) => fillIn(value, said[i] as Json, `${path}.${i}`));
  if (isObject(counted) && isObject(said)) {
    for (const name of Object.keys(said))
      if (!Object.hasOwn(counted, name))
        throw wrong(
          `the provider's file fills ${place(path, name)}, which there is not`,
          suggestName(name, Object.keys(counted), `there are ${Object.keys(counted).join(', ')}`),
        );
    return Object.fromEntries(
      Object.entries(counted).map(([name, value]) => [
        name,
        fillIn(
          value as Json,
          Object.hasOwn(said, name) ? (said[name] as Json) : undefined,
          place(path, name),
        ),
      ]),
    );
  }
  throw wrong(
    `the provider's file fills ${path}, which the build knows`,
    `leave it out: only what says "${toFill}" can be filled`,
  );
}

/** Places that are still to be filled: `provider.name`. */
export function openPlaces(value: Json | undefined, path = ''): string[] {
  if (value === undefined) return [];
  if (isPlaceholder(value)) return [path];
  if (Array.isArray(value)) return value.flatMap((one: Json, i) => openPlaces(one, place(path, String(i))));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => openPlaces(one as Json, place(path, name)));
}

const place = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

/** Whole, or the end of a sentence whose beginning says what is to be filled. */
const isPlaceholder = (value: Json): boolean =>
  (typeof value === 'string' && value.endsWith(toFill)) ||
  (Array.isArray(value) && value.length === 1 && value[0] === toFill);

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function wrong(message: string, hint: string, cause?: unknown): DataError {
  return new DataError('provider-file', message, hint, { cause });
}
