// Runs of digit groups on one line, found in one pass: "+1 (202) 555-0143", "4532 2766 4457 7020", "58.74.121.78".
// Phone numbers, cards, IP addresses and national ids all begin as such a run, so the text is scanned once for them.

export interface NumberRun {
  /** First character: the first digit, or the '+' or '(' before it. */
  readonly start: number;
  /** After the last digit. */
  readonly end: number;
  readonly groups: readonly DigitGroup[];
}

export interface DigitGroup {
  readonly start: number;
  readonly end: number;
  /** What stands between the group before and this one; for the first group what opens the run. */
  readonly separator: string;
}

const minDigits = 4;
/** A group that stands alone is a year, a quantity, a house number; no reader takes a shorter one. */
const minLoneDigits = 7;
const maxSeparator = 3;

/** Every run with at least four digits, in order. Linear time; groups are joined by at most three separator characters. */
export function findNumberRuns(text: string): NumberRun[] {
  const runs: NumberRun[] = [];
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) continue;
    const lone = endOfLoneNumber(text, i);
    if (lone > 0) {
      i = lone;
      continue;
    }
    const run = readRun(text, i);
    i = run.end;
    if (countDigits(run.groups) >= minDigits) runs.push(run);
  }
  return runs;
}

/** The end of a short number with no digit near behind it, else 0. */
function endOfLoneNumber(text: string, start: number): number {
  let end = start + 1;
  while (end - start < minLoneDigits && isDigit(text.charCodeAt(end))) end++;
  if (end - start >= minLoneDigits) return 0;
  let next = end;
  while (next - end < maxSeparator && isSeparator(text.charCodeAt(next))) next++;
  return next > end && isDigit(text.charCodeAt(next)) ? 0 : end;
}

function readRun(text: string, firstDigit: number): NumberRun {
  let start = firstDigit;
  if (text[start - 1] === '(') start--;
  if (text[start - 1] === '+') start--;
  const groups: DigitGroup[] = [];
  let separator = text.slice(start, firstDigit);
  let at = firstDigit;
  for (;;) {
    const groupStart = at;
    while (isDigit(text.charCodeAt(at))) at++;
    groups.push({ start: groupStart, end: at, separator });
    let next = at;
    while (next - at < maxSeparator && isSeparator(text.charCodeAt(next))) next++;
    if (next === at || !isDigit(text.charCodeAt(next))) return { start, end: at, groups };
    separator = text.slice(at, next);
    at = next;
  }
}

export function countDigits(groups: readonly DigitGroup[]): number {
  let count = 0;
  for (const group of groups) count += group.end - group.start;
  return count;
}

/** The digits of groups `from` to `to` (exclusive) without separators. */
export function digitsOf(text: string, groups: readonly DigitGroup[]): string {
  return groups.map(({ start, end }) => text.slice(start, end)).join('');
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

// space . - ( ) / no-break space, hyphens and dashes
function isSeparator(code: number): boolean {
  return (
    code === 32 ||
    code === 46 ||
    code === 45 ||
    code === 40 ||
    code === 41 ||
    code === 47 ||
    code === 0xa0 ||
    (code >= 0x2010 && code <= 0x2013) ||
    code === 0x202f
  );
}
