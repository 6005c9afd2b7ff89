// What every recogniser of personal data returns, and the words around a candidate that decide doubtful cases.

import type { Areas } from './areas.ts';

export type PersonalDataType =
  | 'EMAIL_ADDRESS'
  | 'PHONE_NUMBER'
  | 'IP_ADDRESS'
  | 'CREDIT_CARD'
  | 'IBAN_CODE'
  | 'US_SSN'
  | 'NATIONAL_ID'
  | 'CRYPTO'
  | 'API_KEY'
  | 'STREET_ADDRESS';

/** A span of UTF-16 code units, end exclusive. */
export interface PersonalData {
  readonly type: PersonalDataType;
  readonly start: number;
  readonly end: number;
}

/** Finds candidates of its types; they may overlap those of other recognisers. */
export type Recogniser = (text: string, areas: Areas) => PersonalData[];

/** The `length` code units before `position`, lower-cased. */
export function wordsBefore(text: string, position: number, length = 40): string {
  return text.slice(Math.max(0, position - length), position).toLowerCase();
}

/** The `length` code units from `position` on, lower-cased. */
export function wordsAfter(text: string, position: number, length = 16): string {
  return text.slice(position, position + length).toLowerCase();
}

/** True when the character at `index` continues a word or a number: letters, digits, underscore. */
export function isWordAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (!(code >= 48)) return false;
  if (code < 128)
    return code <= 57 || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
  return /[\p{L}\p{N}]/u.test(text[index]);
}
