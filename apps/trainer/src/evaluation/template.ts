// Prompts with fields of an item in braces: "Question: {question}\nAnswer:".

import type { JsonObject } from '../json-objects.ts';

/** @throws DataError `not-json-lines` for an item without a field that the template names */
export const fillTemplate = (template: string, line: JsonObject): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => readText(line, name));

/** @throws DataError `not-json-lines` */
export function readText({ object, refuse }: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw refuse(`a text ${name}`);
}
