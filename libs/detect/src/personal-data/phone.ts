// Telephone numbers of any country. Format, check by libphonenumber and the words around decide together: a number in
// international form stands alone, one in a national form needs a valid number plan or a word such as "call" or "fax".
// Dates, ISBNs, prices and coordinates are none.

import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js';
import { countDigits, digitsOf, type DigitGroup, type NumberRun } from './number-runs.ts';
import { isWordAt, wordsAfter, wordsBefore, type PersonalData } from './finding.ts';

const phoneBefore =
  /(?:phone|\btel\b|\btel[.:]|telefon|teléf|téléph|telefoon|puhelin|telepon|tlf|telno|handy|mobil|celular|cellulare|móvil|portable|\bcell\b|\bcall\w*|\bdial\b|\bring\b|\bfax\b|\bfaks\b|whatsapp|sms|\btext(?: me)?\b|\breach\w*|\bdesk\b|\boffice\b|\bhotline|helpline|\bcontact\b|\bmob\b|\bph\b|\b(?:my|his|her|our|your) number is\b|телефон|тел\.|電話|电话|전화|هاتف|☎|📞)[^\d\n]{0,28}$/;
const phoneAfter = /^[\s,;:()-]{0,3}(?:office|mobile|fax|cell|home|work|desk|phone|tel\b|\(?mobile|\(?cell)/;
const notPhone =
  /(?:isbn|issn|doi|pmid|pmc|arxiv|\bid\b|\bids\b|licen[cs]e|order|invoice|account|acct|\bserial|\bcase\b|\bno\.|№|#|\bpatent|\bvat\b|\bpart\b|\bmodel\b|\bversion\b|\bpp?\.|[$€£¥=×]|\bssn\b|lat|lon|\bstep\b|\bpage\b)[^\d\n]{0,6}$/;
const extension = /^\s?(?:x|ext\.?|extension|#|доб\.?|durchwahl)\s?\d{1,6}(?!\d)/i;

/** National plans tried for a number that begins with its trunk prefix 0 or stands in a bare national form. */
const trunkZero: readonly CountryCode[] = [
  'GB',
  'DE',
  'FR',
  'AU',
  'NL',
  'IT',
  'CH',
  'AT',
  'BE',
  'SE',
  'JP',
  'IN',
  'ZA',
  'NZ',
  'IE',
  'KR',
  'CN',
  'TR',
  'FI',
];
const bareNational: readonly CountryCode[] = ['ES', 'PT', 'PL', 'NO', 'DK', 'CZ', 'GR', 'MX', 'BR'];

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
  if (digits < 7 || digits > 16) return undefined;
  const end = groups[groups.length - 1].end;
  if (isWordAt(text, start - 1) || /[.,:/@=&?_-]/.test(text[start - 1] ?? '')) return undefined;
  const extra = extension.exec(text.slice(end, end + 14))?.[0].length ?? 0;
  if (extra === 0 && (isWordAt(text, end) || /^[%°€$£:]|^[.,]\d|^[-/]\w/.test(text.slice(end, end + 2))))
    return undefined;
  const before = wordsBefore(text, start);
  const named = phoneBefore.test(before) || phoneAfter.test(wordsAfter(text, end + extra));
  if (!named && notPhone.test(before)) return undefined;
  if (looksLikeDate(text, groups) || looksLikeQuantity(text, groups) || !hasPhoneShape(groups, named))
    return undefined;
  const accepted =
    text[start] === '+' || isInternational(text, groups)
      ? isPossibleWorldwide(text, groups)
      : isNational(text, groups, named, extra > 0);
  return accepted ? { type: 'PHONE_NUMBER', start, end: end + extra } : undefined;
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
  const lengths = groups.map(({ start, end }) => end - start);
  if (groups.length === 1)
    return named || groups[0].separator.includes('+') || lengths[0] === 10 || lengths[0] === 11;
  return lengths.every((length) => length <= 8) && (named || lengths[lengths.length - 1] >= 2);
}

function isInternational(text: string, groups: readonly DigitGroup[]): boolean {
  const first = text.slice(groups[0].start, groups[0].end);
  return groups[0].separator === '+' || /^00[1-9]/.test(first) || (first === '001' && groups.length > 2);
}

function isPossibleWorldwide(text: string, groups: readonly DigitGroup[]): boolean {
  const digits = digitsOf(text, groups).replace(/^00/, '');
  // "+44 (0)20 …": the zero in brackets is the national trunk prefix, not dialled from abroad.
  const withoutTrunk =
    groups.length > 2 && groups[1].separator.includes('(') ? digits.replace(/^(\d{1,3})0/, '$1') : digits;
  return [withoutTrunk, digits].some(
    (number) => parsePhoneNumberFromString(`+${number}`)?.isPossible() ?? false,
  );
}

function isNational(
  text: string,
  groups: readonly DigitGroup[],
  named: boolean,
  hasExtension: boolean,
): boolean {
  const digits = digitsOf(text, groups);
  if (named) return digits.length <= 13;
  const isValid = (country: CountryCode): boolean =>
    parsePhoneNumberFromString(digits, country)?.isValid() ?? false;
  if (isNorthAmerican(text, groups)) return hasExtension || /^1?[2-9]\d\d[2-9]\d{6}$/.test(digits);
  if (groups.length === 1) return false;
  const separators = groups.slice(1).map(({ separator }) => separator);
  const uniform = separators
    .slice(1)
    .every((separator) => separator === separators[1] || separators.length < 3);
  if (digits[0] === '0' && digits.length >= 9 && digits.length <= longestNational)
    return uniform && trunkZero.some(isValid);
  const opens = text[groups[0].start - 1] === '(';
  return opens && uniform && bareNational.some(isValid);
}

/** 3-3-4 digits, "1" may lead; at least one separator that is no space alone, or brackets. */
function isNorthAmerican(text: string, groups: readonly DigitGroup[]): boolean {
  const lengths = groups.map(({ start, end }) => end - start).join(',');
  if (lengths !== '3,3,4' && lengths !== '1,3,3,4') return false;
  const separators = groups
    .slice(1)
    .map(({ separator }) => separator)
    .join('');
  return /[-.)(/]/.test(separators) || text[groups[0].start - 1] === '(';
}
