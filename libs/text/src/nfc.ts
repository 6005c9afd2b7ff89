// Unicode normalisation form C, skipping the work for text that is in it already.

// Below U+0300 every character is its own NFC form and composes with nothing before it.
const mayChange = /[\u0300-\uffff]/;

/** The text in NFC; the same string when nothing changes. */
export function toNfc(text: string): string {
  return mayChange.test(text) ? text.normalize('NFC') : text;
}
