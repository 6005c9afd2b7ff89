// What Parquet and Arrow hold, as JSON: whole numbers of any size keep their digits, dates are ISO 8601, bytes are text
// where they are UTF-8.

import { isUtf8 } from 'node:buffer';
import type { Json } from '@gristmill/core';
import { wholeNumber } from './json-parse.ts';

const deepest = 100;

/** null for what has no JSON. */
export function toJson(value: unknown, depth = 0): Json {
  if (value === null || value === undefined || depth > deepest) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return wholeNumber(value);
  if (typeof value !== 'object') return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : isoOf(value);
  if (value instanceof Uint8Array) return isUtf8(value) ? Buffer.from(value).toString() : null;
  if (Array.isArray(value)) return value.map((member) => toJson(member, depth + 1));
  if (ArrayBuffer.isView(value))
    return Array.from(value as unknown as Iterable<unknown>, (member) => toJson(member, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member, depth + 1)]));
}

/** A day without a time is a day. */
function isoOf(date: Date): string {
  return date
    .toISOString()
    .replace(/T00:00:00\.000Z$/, '')
    .replace('.000Z', 'Z');
}
