// Dates as people and machines write them: ISO 8601, 3.10.2019, 03/10/2019, October 3rd, 2019, 2019年10月3日, 3 tháng 10,
// 2019, and month names of some forty languages. Day and month given as bare numbers are read day first unless only the
// other order is a date.
import { monthOf } from './month-names.ts';

const iso = /(?<!\d)((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/;
const compact = /(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:T|\b|(?=\d{6}))/;
const dayFirst = /(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?((?:19|20)\d\d|\d\d)(?!\d)/;
const dayMonthName =
  /(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª)?\.?[\s-]{1,3}(?:(?:of|de)\s)?([\p{L}\p{M}]{2,14})\.?,?[\s-]{1,3}(?:(?:de|del)\s)?((?:19|20)\d\d)(?!\d)/iu;
const monthNameDay =
  /(?<!\p{L})([\p{L}\p{M}]{2,14})\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}((?:19|20)\d\d)(?!\d)/iu;
const vietnamese = /(?<!\d)(\d{1,2})\s?tháng\s?(\d{1,2})(?:,|\s?năm)?\s?((?:19|20)\d\d)(?!\d)/iu;
const eastAsian = /((?:19|20)\d\d)\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]/;

/** The first date in a text as YYYY-MM-DD, or undefined. @example parseDate('Posted on 3. Oktober 2019') → '2019-10-03' */
export function parseDate(text: string): string | undefined {
  const head = text.slice(0, 400);
  return numericDate(head) ?? namedDate(head) ?? bareDate(head);
}

function numericDate(text: string): string | undefined {
  const match = iso.exec(text) ?? eastAsian.exec(text) ?? compact.exec(text);
  return match === null ? undefined : format(Number(match[1]), Number(match[2]), Number(match[3]));
}

function namedDate(text: string): string | undefined {
  const numbered = vietnamese.exec(text);
  if (numbered !== null) return format(Number(numbered[3]), Number(numbered[2]), Number(numbered[1]));
  const first = dayMonthName.exec(text);
  const byDay = first && format(Number(first[3]), monthOf(first[2]), Number(first[1]));
  if (byDay) return byDay;
  const second = monthNameDay.exec(text);
  return second === null ? undefined : format(Number(second[3]), monthOf(second[1]), Number(second[2]));
}

function bareDate(text: string): string | undefined {
  const match = dayFirst.exec(text);
  if (match === null) return undefined;
  const year = match[3].length === 2 ? 2000 + Number(match[3]) : Number(match[3]);
  const [a, b] = [Number(match[1]), Number(match[2])];
  return format(year, b, a) ?? format(year, a, b);
}

function format(year: number, month: number, day: number): string | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1900 || year > 2099) return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
