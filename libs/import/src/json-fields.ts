// Finds the parts of a document in a JSON value: fields by JSON Pointer (RFC 6901; a plain name is short for `/name`),
// and, where an object is the article itself, its keys as headings and its strings as paragraphs.

import type { Json, JsonObject } from '@gristmill/core';
import { digitsOf } from './json-parse.ts';
import { pathOf } from './json-scanner.ts';

/** @example pointTo({ a: [{ b: 1 }] }, '/a/0/b') // 1 */
export function pointTo(value: Json, pointer: string): Json | undefined {
  let current: Json | undefined = value;
  for (const key of pathOf(pointer)) {
    if (current === null || typeof current !== 'object') return undefined;
    current = Object.hasOwn(current, key) ? (current as JsonObject)[key] : undefined;
  }
  return current;
}

/** The first pointer that leads to a string with something in it, or to a number. */
export function firstText(value: Json, pointers: readonly string[]): string | undefined {
  for (const pointer of pointers) {
    const found = pointTo(value, pointer);
    const digits = digitsOf(found);
    if (digits !== undefined) return digits;
    if (typeof found === 'string' && found.trim() !== '') return found;
  }
  return undefined;
}

const mostDepth = 20;

/**
 * An object of objects as an article: top keys are headings, each member below them a paragraph `Key: text`, deeper
 * members joined to it. Empty and null values are left out; a member called `text` speaks for its parent.
 * @example sectionsText({ Geography: { Area: { total: { text: '5 sq km' } } } }) // 'Geography\n\nArea: total: 5 sq km\n'
 */
export function sectionsText(value: Json): string {
  if (value === null || typeof value !== 'object') return `${inline(value, 0)}\n`;
  const sections = Object.entries(value as JsonObject).map(([heading, section]) => {
    if (section === null || typeof section !== 'object') return `${heading}: ${inline(section ?? null, 0)}`;
    const paragraphs = Object.entries(section)
      .map(([key, member]) => labelled(key, inline(member ?? null, 0)))
      .filter((paragraph) => paragraph !== '');
    return paragraphs.length ? [heading, ...paragraphs].join('\n\n') : '';
  });
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function labelled(key: string, text: string): string {
  if (text === '') return '';
  return key === 'text' || /^\d+$/.test(key) ? text : `${key}: ${text}`;
}

function inline(value: Json, depth: number): string {
  if (value === null || depth > mostDepth) return '';
  if (typeof value !== 'object') return String(value).trim();
  const digits = digitsOf(value);
  if (digits !== undefined) return digits;
  return Object.entries(value as JsonObject)
    .map(([key, member]) => labelled(key, inline(member ?? null, depth + 1)))
    .filter((part) => part !== '')
    .join('; ');
}
