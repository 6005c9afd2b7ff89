// One look at each character decides where patterns are tried: most of a text holds neither numbers nor keys. Areas
// are wider than any match in them, so that what is found does not depend on them.

export type Area = readonly [from: number, to: number];

export interface Areas {
  /** Six digits or more that lie near each other, and what may stand around them: numbers of accounts and persons. */
  readonly numbers: readonly Area[];
  /** Runs of at least 14 letters, digits and the marks of keys: keys, tokens, wallets. */
  readonly tokens: readonly Area[];
  /** The surroundings of any digit: addresses of houses. */
  readonly digits: readonly Area[];
}

const digit = 1;
const tokenMark = 2;
const classes = new Uint8Array(128);
for (let code = 48; code < 58; code++) classes[code] = digit | tokenMark;
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/+=-.')
  classes[character.charCodeAt(0)] |= tokenMark;

/** Letters that may stand between the digits of one number: an account of Malta has seven and two blanks. */
const widestGap = 10;
const leastDigits = 6;
const margin = 16;
const longestWord = 64;
const leastToken = 14;
/** How far a street reaches before and after the number in it; longer addresses are cut, not missed. */
const streetBefore = 90;
const streetAfter = 150;

/** Linear in the text. */
export function findAreas(text: string): Areas {
  const numbers: [number, number][] = [];
  const tokens: Area[] = [];
  const digits: [number, number][] = [];
  let tokenStart = -1;
  let clusterStart = 0;
  let clusterEnd = -1;
  let clusterDigits = 0;
  let near: [number, number] | undefined;
  const { length } = text;
  for (let i = 0; i <= length; i++) {
    const code = i < length ? text.charCodeAt(i) : 32;
    const bits = code < 128 ? classes[code] : 0;
    if ((bits & tokenMark) === 0) {
      if (tokenStart >= 0 && i - tokenStart >= leastToken) tokens.push([tokenStart, i]);
      tokenStart = -1;
      continue;
    }
    if (tokenStart < 0) tokenStart = i;
    if ((bits & digit) === 0) continue;
    if (clusterEnd >= 0 && i - clusterEnd <= widestGap) clusterDigits++;
    else {
      if (clusterDigits >= leastDigits) join(numbers, widen(text, clusterStart, clusterEnd));
      clusterStart = i;
      clusterDigits = 1;
    }
    clusterEnd = i + 1;
    if (near !== undefined && i - streetBefore <= near[1]) near[1] = i + streetAfter;
    else digits.push((near = [i - streetBefore, i + streetAfter]));
  }
  if (clusterDigits >= leastDigits) join(numbers, widen(text, clusterStart, clusterEnd));
  for (const area of digits) {
    area[0] = blankBefore(text, Math.max(0, area[0]), 40);
    area[1] = Math.min(length, area[1]);
  }
  return { numbers, tokens, digits };
}

/** The area with what may stand beside it, not cut within a word. */
function widen(text: string, start: number, end: number): [number, number] {
  const from = blankBefore(text, Math.max(0, start - margin), longestWord);
  let to = Math.min(text.length, end + margin);
  while (to < text.length && to - end < margin + longestWord && text.charCodeAt(to) > 0x20) to++;
  return [from, to];
}

function blankBefore(text: string, from: number, most: number): number {
  let at = from;
  while (at > 0 && from - at < most && text.charCodeAt(at - 1) > 0x20) at--;
  return at;
}

/** Areas that touch are one. */
function join(areas: [number, number][], next: [number, number]): void {
  const last = areas.at(-1);
  if (last !== undefined && next[0] <= last[1]) last[1] = next[1];
  else areas.push(next);
}

/** Calls `found` with each match of a global expression in a piece of the text that begins at `from`. */
export function eachMatch(
  piece: string,
  from: number,
  form: RegExp,
  found: (match: RegExpExecArray, start: number) => void,
): void {
  form.lastIndex = 0;
  for (let match = form.exec(piece); match !== null; match = form.exec(piece))
    found(match, from + match.index);
}
