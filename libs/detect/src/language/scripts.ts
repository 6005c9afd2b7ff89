// Which script a character is of. A table over the basic plane answers in one read; the planes above it are looked up by
// range. Only letters and marks have a script here: digits, punctuation and symbols have none.

import { scriptTable } from './script-table.ts';

/** ISO 15924 codes; the index of a code is the script's number. 0 = no script, 1 = inherited from the letter before. */
export const scriptCodes: readonly string[] = ['Zyyy', ...Object.keys(scriptTable)];

export const noScript = 0;
export const inheritedScript = 1;

/** Script by UTF-16 unit; surrogates have none. */
export const scriptOfUnit = new Uint8Array(65536);
/** The small letter by UTF-16 unit; only mappings of one unit to one. */
export const foldUnit = new Uint16Array(65536);

export interface PlaneRange {
  readonly from: number;
  readonly to: number;
  readonly script: number;
}
/** Letters beyond the basic plane, in ascending order. */
export const planeRanges: PlaneRange[] = [];

for (const [code, ranges] of Object.entries(scriptTable)) fillScript(scriptCodes.indexOf(code), ranges);
planeRanges.sort((a, b) => a.from - b.from);
// Modifier letters that Unicode gives to no script: the turned comma of Uzbek, the okina of Hawaiian, Navajo's apostrophe.
for (const unit of [0x2bb, 0x2bc, 0x2bd, 0x2be, 0x2bf]) scriptOfUnit[unit] = inheritedScript;

function fillScript(script: number, ranges: string): void {
  let last = 0;
  for (const range of ranges.split(' ')) {
    const [distance, length] = range.split('-');
    const from = last + parseInt(distance, 36);
    last = from + (length === undefined ? 0 : parseInt(length, 36));
    if (from > 0xffff) planeRanges.push({ from, to: last, script });
    else
      for (let unit = from; unit <= last; unit++) {
        scriptOfUnit[unit] = script;
        foldUnit[unit] = foldedUnit(unit);
      }
  }
}

function foldedUnit(unit: number): number {
  const small = String.fromCharCode(unit).toLowerCase();
  // Turkish İ becomes i and a dot: the dot is dropped.
  return small.length === 1 || unit === 0x130 ? small.charCodeAt(0) : unit;
}

/** The script of a character beyond the basic plane. */
export function scriptOfPoint(point: number): number {
  let low = 0;
  let high = planeRanges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { from, to, script } = planeRanges[middle];
    if (point < from) high = middle - 1;
    else if (point > to) low = middle + 1;
    else return script;
  }
  return noScript;
}
