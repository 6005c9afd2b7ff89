// Character references in text and attributes, by the `entities` package; strings without `&` are returned as they are.
import { decodeHTML } from 'entities';

/** Decodes HTML character references, also those without a semicolon that browsers accept. */
export function decodeEntities(text: string): string {
  return text.includes('&') ? decodeHTML(text) : text;
}
