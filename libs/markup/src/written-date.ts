// Dates as people and machines write them: ISO 8601, 3.10.2019, 03/10/2019, October 3rd, 2019, 2019年10月3日, and month
// names of the commonest European languages. Day and month given as bare numbers are read day first unless only the
// other order is a date.

const monthNames: readonly string[] = [
  'january|januar|jänner|janvier|enero|gennaio|janeiro|januari|января|stycznia|ledna|január|ocak|januára',
  'february|februar|feber|février|fevrier|febrero|febbraio|fevereiro|februari|февраля|lutego|února|február|şubat',
  'march|märz|maerz|mars|marzo|março|maart|марта|marca|března|március|mart',
  'april|avril|abril|aprile|апреля|kwietnia|dubna|április|nisan',
  'may|mai|mayo|maggio|maio|mei|maj|мая|maja|května|május|mayıs',
  'june|juni|juin|junio|giugno|junho|июня|czerwca|června|június|haziran',
  'july|juli|juillet|julio|luglio|julho|июля|lipca|července|július|temmuz',
  'august|août|aout|agosto|augustus|августа|sierpnia|srpna|augusztus|ağustos',
  'september|septembre|septiembre|settembre|setembro|сентября|września|září|szeptember|eylül',
  'october|oktober|octobre|octubre|ottobre|outubro|октября|października|října|október|ekim',
  'november|novembre|noviembre|novembro|ноября|listopada|listopadu|kasım',
  'december|dezember|décembre|decembre|diciembre|dicembre|dezembro|декабря|grudnia|prosince|aralık',
];
const monthNumber = new Map<string, number>();
monthNames.forEach((names, index) => {
  for (const name of names.split('|')) {
    monthNumber.set(name, index + 1);
    if (name.length > 4 && !monthNumber.has(name.slice(0, 3))) monthNumber.set(name.slice(0, 3), index + 1);
    if (name.length > 5 && !monthNumber.has(name.slice(0, 4))) monthNumber.set(name.slice(0, 4), index + 1);
  }
});
monthNumber
  .set('mrz', 3)
  .set('okt', 10)
  .set('dez', 12)
  .set('sept', 9)
  .set('oct', 10)
  .set('dec', 12)
  .set('juil', 7);

const iso = /(?<!\d)((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/;
const compact = /(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:T|\b|(?=\d{6}))/;
const dayFirst = /(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?((?:19|20)\d\d|\d\d)(?!\d)/;
const dayMonthName =
  /(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª)?\.?[\s-]{1,3}(?:(?:of|de)\s)?(\p{L}{3,12})\.?,?[\s-]{1,3}(?:(?:de|del)\s)?((?:19|20)\d\d)(?!\d)/iu;
const monthNameDay =
  /(?<!\p{L})(\p{L}{3,12})\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}((?:19|20)\d\d)(?!\d)/iu;
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

function monthOf(name: string): number {
  const lower = name.toLowerCase();
  return (
    monthNumber.get(lower) ?? monthNumber.get(lower.slice(0, 4)) ?? monthNumber.get(lower.slice(0, 3)) ?? 0
  );
}

function format(year: number, month: number, day: number): string | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1900 || year > 2099) return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
