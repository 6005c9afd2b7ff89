// Which fields of records hold what, by names that data sets use and by what stands in them: the text is a field of a usual
// name, or else the one with the longest strings.

import type { Json, JsonObject } from '@gristmill/core';
import { usualFields } from '@gristmill/import';

export interface GuessedFields {
  readonly textField?: string;
  readonly messagesField?: string;
  /** JSON Pointer to the array of records, where they lie in one. */
  readonly items?: string;
  /** Option of the importer → field. */
  readonly others: Readonly<Record<string, string>>;
  /** Every field seen, most frequent first. */
  readonly names: readonly string[];
  readonly isHtml: boolean;
  /** Characters of the text in the middle of the records. */
  readonly medianLength: number;
}

export const mostRecords = 200;

const otherOptions = ['id', 'title', 'author', 'date', 'language', 'url'] as const;

/** Undefined when no record is an object. */
export function guessFields(records: readonly Json[]): GuessedFields | undefined {
  const objects = records.filter(
    (record): record is JsonObject => record !== null && typeof record === 'object' && !Array.isArray(record),
  );
  if (objects.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const record of objects)
    for (const name of Object.keys(record)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const textField = usualText(objects) ?? longestText(objects, names);
  const messagesField =
    textField === undefined
      ? usualFields.messages.find((name) => objects.some((record) => Array.isArray(record[name])))
      : undefined;
  const others = otherOptions.flatMap((option) => {
    const name = usualFields[option].find((usual) => isPresent(objects, usual) && usual !== textField);
    return name === undefined ? [] : [[`${option}Field`, name] as const];
  });
  const texts = objects.map((record) => stringOf(record, textField)).filter((text) => text !== '');
  return {
    ...(textField !== undefined && { textField }),
    ...(messagesField !== undefined && { messagesField }),
    others: Object.fromEntries(others),
    names,
    isHtml: texts.filter((text) => /<(?:p|div|br|a|span|h\d)\b[^<>]*>/i.test(text)).length * 2 > texts.length,
    medianLength: median(texts.map((text) => text.length)),
  };
}

/** Fields of the records, or of those in the longest array of a value that is no record itself. */
export function guessFieldsWithin(values: readonly Json[]): GuessedFields | undefined {
  const own = guessFields(values);
  const [value] = values;
  if (
    values.length !== 1 ||
    own === undefined ||
    own.textField !== undefined ||
    own.messagesField !== undefined
  )
    return own;
  const arrays = Object.entries(value as JsonObject)
    .filter((member): member is [string, Json[]] => Array.isArray(member[1]))
    .sort(([, a], [, b]) => b.length - a.length);
  for (const [name, members] of arrays) {
    const fields = guessFields(members.slice(0, mostRecords));
    if (fields?.textField !== undefined || fields?.messagesField !== undefined)
      return { ...fields, items: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` };
  }
  return own;
}

const stringOf = (record: JsonObject, name: string | undefined): string =>
  name !== undefined && typeof record[name] === 'string' ? record[name] : '';

function isPresent(records: readonly JsonObject[], name: string): boolean {
  const values = records.filter((record) => ['string', 'number'].includes(typeof record[name]));
  return values.length * 2 >= records.length;
}

/** The first usual name under which most records have words. */
function usualText(records: readonly JsonObject[]): string | undefined {
  return usualFields.text.find(
    (name) => records.filter((record) => hasWords(stringOf(record, name))).length * 2 > records.length,
  );
}

function longestText(records: readonly JsonObject[], names: readonly string[]): string | undefined {
  const candidates = names.map((name) => {
    const texts = records.map((record) => stringOf(record, name)).filter(hasWords);
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    return { name, length: texts.length * 2 > records.length ? length : 0 };
  });
  const best = candidates.reduce((a, b) => (b.length > a.length ? b : a), { name: '', length: 0 });
  return best.length > 0 ? best.name : undefined;
}

/** Words in a row, or a run of letters of a script without spaces: no address, number, name of a class. */
function hasWords(text: string): boolean {
  return /\p{L}[\s\p{P}]{1,8}\p{L}{1,40}\s{1,8}\p{L}/u.test(text) || /\p{Lo}{6}/u.test(text);
}

export function median(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.toSorted((a, b) => a - b)[values.length >> 1];
}
