// JSON values as people write them: numbers beyond 2^53 stay as written, and what Python calls NaN and Infinity is null. Everything else that RFC 8259 forbids is refused.

import type { Json } from '@gristmill/core';

/** A number whose digits a double would round. */
export interface ExactNumber {
  readonly rawJSON: string;
}

const mayBeLong = /\d{16}|\d[eE]/;
const notFinite = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/gs;

/** Undefined for what is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return parse(text);
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  try {
    return parse(text.replace(notFinite, (token) => (token.startsWith('"') ? token : 'null')));
  } catch {
    return undefined;
  }
}

function parse(text: string): Json {
  return (mayBeLong.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)) as Json;
}

/** `context.source` is the number as written. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? rawJson(source) : value;
}

const rawJson = (JSON as unknown as { rawJSON(text: string): ExactNumber }).rawJSON;

/** The digits of a number: as written where a double would round them. */
export function digitsOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  const isExact = (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value);
  return isExact ? (value as ExactNumber).rawJSON : undefined;
}

/** A number of any size as a value. */
export function wholeNumber(value: bigint): Json {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : (rawJson(String(value)) as unknown as Json);
}
