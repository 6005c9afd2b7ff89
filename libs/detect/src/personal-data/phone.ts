// Telephone numbers of any country. Format, check by libphonenumber and the words around decide together: a number in
// international form stands alone, one in a national form needs a valid number plan or a word such as "call" or "fax".
// Dates, ISBNs, prices and coordinates are none.

import {
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
  type CountryCode,
} from 'libphonenumber-js';
import { countDigits, digitsOf, type DigitGroup, type NumberRun } from './number-runs.ts';
import { isWordAt, type PersonalData } from './finding.ts';
import { readPhoneContext, type PhoneContext } from './phone-context.ts';

const extension = /^\s?(?:x|ext\.?|extension|#|доб\.?|durchwahl)\s?\d{1,6}(?!\d)/i;

/** National plans tried for a number that begins with its trunk prefix 0, the likeliest first. */
const trunkZero = countries(
  'GB DE FR AU NL IT CH AT BE SE JP IN ZA NZ IE KR CN TR FI IL TH ID UA RO BG HR SI SK TW MY VN PH EG SA PK',
);
/** National plans without a trunk prefix. */
const bareNational = countries('ES PT PL NO DK CZ GR MX BR');

function countries(codes: string): readonly CountryCode[] {
  return codes.split(' ') as CountryCode[];
}

const maxGroups = 9;
/** Digits of a national number with its trunk prefix. */
const longestNational = 12;

/** The telephone numbers in a run of digits. A span includes '+', brackets and an extension. */
export function readPhone(text: string, run: NumberRun): PersonalData[] {
  const { groups } = run;
  const whole = groups.length <= maxGroups ? judge(text, run.start, groups) : undefined;
  return whole ? [whole] : findUnmistakable(text, groups);
}

/** "room 12 555-010-4477 +44 20 7946 0018": parts of a run that are numbers by their form alone. */
function findUnmistakable(text: string, groups: readonly DigitGroup[]): PersonalData[] {
  const found: PersonalData[] = [];
  for (let from = 0; from < groups.length; from++) {
    const opening = /[+(]+$/.exec(groups[from].separator)?.[0].length ?? 0;
    const longest = opening > 0 && groups[from].separator.includes('+') ? 6 : 4;
    for (let to = Math.min(groups.length, from + longest); to > from; to--) {
      const part = groups.slice(from, to);
      const sure = groups[from].separator.includes('+') || isNorthAmerican(text, part);
      const phone = sure ? judge(text, groups[from].start - opening, part) : undefined;
      if (!phone) continue;
      found.push(phone);
      from = to - 1;
      break;
    }
  }
  return found;
}

function judge(text: string, start: number, groups: readonly DigitGroup[]): PersonalData | undefined {
  const digits = countDigits(groups);
  if (digits < 7 || digits > 17) return undefined;
  const end = groups[groups.length - 1].end;
  const extra = extension.exec(text.slice(end, end + 14))?.[0].length ?? 0;
  if (isPartOfMore(text, start, end, extra > 0)) return undefined;
  const context = readPhoneContext(text, start, end + extra);
  if (context === 'other') return undefined;
  if (
    looksLikeDate(text, groups) ||
    looksLikeQuantity(text, groups) ||
    !hasPhoneShape(groups, context === 'named')
  )
    return undefined;
  const accepted =
    text[start] === '+' || text.startsWith('(+', start) || isInternational(text, groups)
      ? isPossibleWorldwide(text, groups)
      : isNational(text, groups, context, extra > 0);
  if (!accepted) return undefined;
  // "(+358) …": the bracket belongs to the number.
  const opens = text[start] !== '(' && text[start - 1] === '(' && isClosedInside(text, start, end);
  return { type: 'PHONE_NUMBER', start: opens ? start - 1 : start, end: end + extra };
}

/** Letters, addresses, fractions and units that make a run of digits a part of something else. */
function isPartOfMore(text: string, start: number, end: number, hasExtension: boolean): boolean {
  if (isWordAt(text, start - 1) || /[.,:/@=&?_-]/.test(text[start - 1] ?? '')) return true;
  return !hasExtension && (isWordAt(text, end) || /^[%°€$£]|^[.,:]\d|^[-/]\w/.test(text.slice(end, end + 2)));
}

function isClosedInside(text: string, start: number, end: number): boolean {
  const close = text.indexOf(')', start);
  return close > 0 && close < end;
}

/** "0.2918 (2014": a decimal fraction, or a year in brackets. */
function looksLikeQuantity(text: string, groups: readonly DigitGroup[]): boolean {
  const [first, second, ...rest] = groups;
  if (second?.separator === '.' && first.end - first.start === 1 && text[first.start] === '0') return true;
  return [second, ...rest].some(
    (group) => group?.separator.endsWith('(') && /^(?:19|20)\d\d$/.test(text.slice(group.start, group.end)),
  );
}

function looksLikeDate(text: string, groups: readonly DigitGroup[]): boolean {
  if (groups.length < 2 || groups.length > 4) return false;
  const parts = groups.map(({ start, end }) => text.slice(start, end));
  const separators = groups.slice(1).map(({ separator }) => separator);
  const isYear = (part: string): boolean => /^(?:1[0-9]|20)\d\d$/.test(part);
  if (parts.length === 2) return isYear(parts[0]) && (isYear(parts[1]) || parts[1].length <= 2);
  const oneMark = separators
    .slice(0, 2)
    .every((separator) => separator === separators[0] && /^[-./]$/.test(separator));
  return (
    oneMark &&
    ((isYear(parts[0]) && parts[1].length <= 2 && parts[2].length <= 2) ||
      (parts[0].length <= 2 && parts[1].length <= 2 && isYear(parts[2])))
  );
}

/** Groups of a telephone number are short; a lone long group needs a word beside it or an international prefix. */
function hasPhoneShape(groups: readonly DigitGroup[], named: boolean): boolean {
  const separators = groups.slice(1).map(({ separator }) => separator);
  if (separators.some((separator) => /\/.*\/|\.\.|--/.test(separator))) return false;
  // Four groups between dots are an address of the network, global or not.
  if (groups.length === 4 && separators.every((separator) => separator === '.')) return false;
  const lengths = groups.map(({ start, end }) => end - start);
  if (groups.length === 1)
    return named || groups[0].separator.includes('+') || lengths[0] === 10 || lengths[0] === 11;
  const longestGroup = named || groups[0].separator.endsWith('+') ? 12 : 9;
  return lengths.every((length) => length <= longestGroup) && (named || lengths[lengths.length - 1] >= 2);
}

function isInternational(text: string, groups: readonly DigitGroup[]): boolean {
  const first = text.slice(groups[0].start, groups[0].end);
  return (
    groups[0].separator.endsWith('+') || /^00[1-9]/.test(first) || (first === '001' && groups.length > 2)
  );
}

/** With so many digits a calling code is proof enough; shorter numbers must have a length that their country uses. */
const surelyLong = 10;

function isPossibleWorldwide(text: string, groups: readonly DigitGroup[]): boolean {
  const digits = digitsOf(text, groups).replace(/^00/, '');
  // "+44 (0)20 …": the zero in brackets is the national trunk prefix, not dialled from abroad.
  const withoutTrunk =
    groups.length > 2 && groups[1].separator.includes('(') ? digits.replace(/^(\d{1,3})0/, '$1') : digits;
  return [withoutTrunk, digits].some((number) => {
    const phone = parsePhoneNumberFromString(`+${number}`);
    if (phone?.isPossible()) return true;
    return groups[0].separator.endsWith('+') && number.length >= surelyLong && number.length <= 15
      ? hasCallingCode(number)
      : false;
  });
}

const callingCodes = new Set(getCountries().map((country) => getCountryCallingCode(country).toString()));

function hasCallingCode(digits: string): boolean {
  return [1, 2, 3].some((length) => callingCodes.has(digits.slice(0, length)));
}

function isNational(
  text: string,
  groups: readonly DigitGroup[],
  context: PhoneContext,
  hasExtension: boolean,
): boolean {
  const digits = digitsOf(text, groups);
  if (context === 'named') return digits.length <= 13;
  if (context === 'likely' && digits.length >= 8 && digits.length <= 12) return true;
  if (isNorthAmerican(text, groups)) return hasExtension || !/^(\d)\1+$/.test(digits);
  if (groups.length === 1) return isLoneTrunkNumber(digits) || isChineseMobile(text, groups[0]);
  const separators = groups.slice(1).map(({ separator }) => separator);
  const uniform = separators
    .slice(1)
    .every((separator) => separator === separators[1] || separators.length < 3);
  const opens = text[groups[0].start - 1] === '(';
  if (digits[0] === '0' && digits.length >= 9 && digits.length <= longestNational)
    return uniform && (opens || isValidIn(trunkZero, digits));
  if (lengthsOf(groups) === '3,2,2') return separators.every((separator) => separator === '-');
  return opens && uniform && isValidIn(bareNational, digits);
}

function isValidIn(plans: readonly CountryCode[], digits: string): boolean {
  return plans.some((country) => parsePhoneNumberFromString(digits, country)?.isValid() ?? false);
}

/** "0320777057": ten or eleven digits of a plan with a trunk prefix that are no ISBN. */
function isLoneTrunkNumber(digits: string): boolean {
  return /^0[1-9]\d{8,9}$/.test(digits) && !isIsbn10(digits) && isValidIn(trunkZero, digits);
}

/** Eleven digits among Chinese characters. */
function isChineseMobile(text: string, { start, end }: DigitGroup): boolean {
  if (!/^1[3-9]\d{9}$/.test(text.slice(start, end))) return false;
  return /\p{Script=Han}/u.test(text.slice(Math.max(0, start - 20), end + 20));
}

function isIsbn10(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += (10 - i) * (digits.charCodeAt(i) - 48);
  return digits.length === 10 && sum % 11 === 0;
}

/** 3-3-4 digits, "1" may lead; between blanks alone only where area and exchange are possible ones. */
function isNorthAmerican(text: string, groups: readonly DigitGroup[]): boolean {
  const lengths = lengthsOf(groups);
  if (lengths !== '3,3,4' && lengths !== '1,3,3,4') return false;
  const separators = groups
    .slice(1)
    .map(({ separator }) => separator)
    .join('');
  if (/[-.)(/]/.test(separators) || text[groups[0].start - 1] === '(') return true;
  return /^1?[2-9]\d\d[2-9]\d{6}$/.test(digitsOf(text, groups));
}

function lengthsOf(groups: readonly DigitGroup[]): string {
  return groups.map(({ start, end }) => end - start).join(',');
}
