// Numbers of cards and bank accounts, and United States social security numbers. Each kind has a check digit or a fixed
// form that is verified; those whose form is a bare number also need a word beside them.

import { getCountrySpecifications } from 'ibantools';
import { countDigits, digitsOf, type DigitGroup, type NumberRun } from './number-runs.ts';
import { eachMatch, type Areas } from './areas.ts';
import { isWordAt, wordsBefore, type PersonalData } from './finding.ts';

// Issuer prefixes with their lengths (ISO/IEC 7812): Visa, Mastercard, American Express, Diners, Discover, JCB (also of 15 digits), UnionPay, Maestro.
const cardForms =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35\d{14}|(?:1800|2131)\d{11}|62\d{14,17}|(?:5[06-9]|6[0379])\d{10,17})$/;
const maxCardGroups = 5;
/** Beside such a word any number of a card's length that passes Luhn's check is one. */
const cardWords =
  /(?:\bcards?\b|\bvisa\b|mastercard|maestro|\bamex\b|american express|\bcredit\b|\bdebit\b|\bcharge\b|\bpaid with|karte|tarjeta|\bcarte\b|cart[aã]o|карт)[^\d\n]{0,24}$/;
const notCard = /(?:isbn|doi|issn|arxiv|\bid\b|tracking|\border|serial|imei|[=/_])[^\d\n]{0,6}$/;

/** A payment card: an issuer's prefix and length, and Luhn's check digit. */
export function readCreditCard(text: string, { groups }: NumberRun): PersonalData[] {
  for (let from = 0; from < groups.length; from++) {
    for (let to = Math.min(groups.length, from + maxCardGroups); to > from; to--) {
      const part = groups.slice(from, to);
      const count = countDigits(part);
      if (count > 19) continue;
      if (count < 12) break;
      const { start } = part[0];
      const digits = digitsOf(text, part);
      if (!isCardShape(part) || !passesLuhn(digits)) continue;
      if (!cardForms.test(digits) && !cardWords.test(wordsBefore(text, start))) continue;
      const { end } = part[part.length - 1];
      if (isWordAt(text, start - 1) || isWordAt(text, end) || /[.+]/.test(text[start - 1] ?? '')) continue;
      if (!notCard.test(wordsBefore(text, start))) return [{ type: 'CREDIT_CARD', start, end }];
    }
  }
  return [];
}

function isCardShape(groups: readonly DigitGroup[]): boolean {
  if (groups.length === 1) return true;
  const separators = groups.slice(1).map(({ separator }) => separator);
  if (!separators.every((separator) => separator === separators[0] && /^[ \u00a0-]$/.test(separator)))
    return false;
  return /^(?:4,4,4,4|4,4,4,1|4,4,4,4,3|4,6,5|4,6,4|4,4,5|4,4,4,[1-4],?3?)$/.test(
    groups.map(({ start, end }) => end - start).join(),
  );
}

/** Luhn's check (ISO/IEC 7812-1, annex B). A number of one digit repeated is no card. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 && !/^(\d)\1+$/.test(digits);
}

const ibanForm =
  /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){2,7}(?:[ \u00a0]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g;

/** International bank account numbers: a country's length and form, and the remainder 1 modulo 97 (ISO 13616). */
export function findIbans(text: string, { numbers }: Areas): PersonalData[] {
  const found: PersonalData[] = [];
  for (const [from, to] of numbers) {
    eachMatch(text.slice(from, to), from, ibanForm, ([match], start) => {
      const length = ibanLength(match);
      if (length > 0) found.push({ type: 'IBAN_CODE', start, end: start + length });
    });
  }
  return found;
}

/** A word in capitals may follow the number; groups are given up from the right until the check holds. */
function ibanLength(match: string): number {
  let candidate = match;
  while (candidate.length >= 15) {
    if (isIban(candidate.replace(/[ \u00a0]/g, ''))) return candidate.length;
    candidate = candidate.slice(0, Math.max(0, candidate.search(/[ \u00a0][^ \u00a0]*$/)));
  }
  return 0;
}

const ibanCountries = getCountrySpecifications();

/** Check digits inside the account number, which some countries have, are not asked for: a slip in them is still an account. */
function isIban(iban: string): boolean {
  const country = ibanCountries[iban.slice(0, 2)];
  if (country?.chars !== iban.length || country.bban_regexp === null) return false;
  return new RegExp(country.bban_regexp).test(iban.slice(4)) && remainderOf97(iban) === 1;
}

/** The account number, then country and check digits, letters as 10 … 35, modulo 97. */
function remainderOf97(iban: string): number {
  let remainder = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

const ssnWords = /\b(?:ssn|social security|soc\.? sec|taxpayer|\bitin\b)[^\d\n]{0,32}$/;

/** United States social security numbers: 3-2-4 digits in a range that is issued; bare or spaced only beside its name. */
export function readSsn(text: string, { groups, end }: NumberRun): PersonalData[] {
  const lengths = groups.map((group) => group.end - group.start).join();
  const { start } = groups[0];
  if ((lengths !== '3,2,4' && lengths !== '9') || isWordAt(text, start - 1) || isWordAt(text, end)) return [];
  if (!/^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digitsOf(text, groups))) return [];
  const hyphens = lengths !== '9' && groups.slice(1).every(({ separator }) => separator === '-');
  if (!hyphens && !ssnWords.test(wordsBefore(text, start))) return [];
  return [{ type: 'US_SSN', start, end }];
}
