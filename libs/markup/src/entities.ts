// Character references in text and attributes, by the `entities` package; strings without `&` are returned as they are.
import { decodeHTML, decodeHTMLAttribute } from 'entities';

/** Decodes HTML character references, also those without a semicolon that browsers accept. */
export function decodeEntities(text: string): string {
  return text.includes('&') ? decodeHTML(text) : text;
}

/** In an attribute `&reg` before a letter, a digit or `=` is no reference: addresses hold such names. */
export function decodeAttribute(value: string): string {
  return value.includes('&') ? decodeHTMLAttribute(value) : value;
}
