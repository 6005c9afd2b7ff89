// What several stages do with their options: lists of words by name, and the bytes of a pin.

import { DataError, type Json } from '@gristmill/core';

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
