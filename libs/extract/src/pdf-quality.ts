// Whether the text that a PDF carries is the text that it shows. Scans have none, or a few stamps; fonts without a table of
// their characters give private signs, or other letters of the alphabet in the place of those that are drawn.

const fewestLetters = 200;
const fewestAPage = 4;

/** True where only recognition of the drawn letters can give the text. */
export function isGarbled(text: string): boolean {
  const sample = text.slice(0, 200_000);
  const signs = count(sample, /\S/gu);
  if (signs < 20) return false;
  // Private use, replacement signs, controls, and what no version of Unicode has.
  if (count(sample, /[\p{Co}\p{Cn}\ufffd]|(?![\t\n\r])\p{Cc}|\(cid:\d+\)/gu) > signs * 0.1) return true;
  const letters = count(sample, /\p{L}/gu);
  if (signs >= fewestLetters && letters + count(sample, /\p{N}/gu) < signs * 0.4) return true;
  const latin = count(sample, /\p{Script=Latin}/gu);
  if (latin < fewestLetters || latin < letters * 0.9) return false;
  // All written languages in Latin letters have more than a quarter of vowels.
  return count(sample.normalize('NFD'), /[aeiouyæœøıəɛɔ]/giu) < latin * 0.18;
}

/** True for pages with pictures and next to no letters: a page number, a stamp. */
export function lacksText(text: string, pages: number): boolean {
  return count(text, /\p{L}/gu) < fewestAPage * pages;
}

/** A picture is an object of its own, and no compression hides its kind. */
export function hasPictures(bytes: Uint8Array): boolean {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return /\/Subtype\s*\/Image\b/.test(data);
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found++;
  return found;
}
