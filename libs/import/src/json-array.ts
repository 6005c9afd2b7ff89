// Members of a JSON array one by one, for files that are too large to be parsed at once. Members before a damaged place
// are given.

import { JSONParser } from '@streamparser/json';
import type { Json } from '@gristmill/core';

/** What a streamed file turned out to hold. */
export type ArrayEnd = 'whole' | 'damaged' | 'no-array';

/**
 * @param pointer JSON Pointer to the array ('' = the value itself)
 * @returns how it ended; `no-array` before anything else was given, when something else stands there
 */
export async function* readJsonArray(
  chunks: AsyncIterable<string>,
  pointer: string,
): AsyncGenerator<Json, ArrayEnd> {
  const keys = pointer.split('/').slice(pointer.startsWith('/') ? 1 : 0);
  const names = keys
    .filter((key) => key !== '')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  // The parser's paths are parted by dots and know stars.
  if (names.some((name) => /[.*]/.test(name))) return 'no-array';
  const parser = new JSONParser({ paths: [['$', ...names, '*'].join('.')], keepStack: false });
  let found: Json[] = [];
  let [end, isArray]: [ArrayEnd, boolean] = ['whole', true];
  parser.onValue = ({ value, key }) => {
    if (typeof key === 'number') found.push(value as Json);
    else isArray = false;
  };
  parser.onError = () => (end = 'damaged');
  for await (const chunk of chunks) {
    if (end === 'whole') parser.write(chunk);
    if (!isArray) return 'no-array';
    yield* found;
    found = [];
    if (end !== 'whole') return end;
  }
  return parser.isEnded ? 'whole' : 'damaged';
}
