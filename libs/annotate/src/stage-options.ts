// Checks of options that several stages take: names that exist, and lists of words by name.

import { DataError, type Json, type JsonObject } from '@gristmill/core';

/** @throws DataError for an option that the stage does not have */
export function checkNames(options: JsonObject, stage: string, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new DataError(
    'unknown-option',
    `${stage} has no option ${unknown}`,
    known.length === 0 ? 'it has none' : `its options: ${known.join(', ')}`,
  );
}

/** `{en: ['…'], de: ['…']}`; absent = no lists. */
export function listsOption(value: Json | undefined, name: string): Record<string, readonly string[]> {
  if (value === undefined) return {};
  const isList = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string');
  if (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.values(value).every(isList)
  )
    return value as Record<string, readonly string[]>;
  throw new DataError('bad-option', `${name} is ${JSON.stringify(value)}`, 'give lists by name: {en: ["…"]}');
}

/** The bytes of a pinned artefact. @throws DataError when the engine was given none */
export function pinnedBytes(artefacts: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = artefacts.get(name);
  if (bytes) return bytes;
  throw new DataError('no-such-pin', `no ${name} is pinned`, `add the step that makes ${name} to the recipe`);
}
