// Named fields as WARC and HTTP write them: `Name: value` lines, continued by white space, ended by an empty line.
// Takes lone LF as a line end and skips lines without a colon, since archives hold both.

import { isAscii } from 'node:buffer';

export type Fields = readonly (readonly [name: string, value: string])[];

export interface FieldBlock {
  /** `WARC/1.0`, `HTTP/1.1 200 OK`, … */
  readonly startLine: string;
  readonly fields: Fields;
  /** Where the body begins. */
  readonly end: number;
}

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Parses the block of fields that starts at `start`; undefined when no empty line ends it within `limit` bytes.
 * UTF-8 as in WARC 1.1; what is not UTF-8 is read as ISO-8859-1, as HTTP has it.
 */
export function parseFields(bytes: Uint8Array, start = 0, limit = 1 << 20): FieldBlock | undefined {
  const end = endOfFields(bytes, start, Math.min(bytes.length, start + limit));
  if (end === undefined) return undefined;
  const text = decode(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start));
  const fields: [string, string][] = [];
  let startLine: string | undefined;
  for (let at = 0, next; at < text.length; at = next + 1) {
    next = text.indexOf('\n', at);
    if (next < 0) next = text.length;
    const line = text.slice(at, text.charCodeAt(next - 1) === carriageReturn ? next - 1 : next);
    if (startLine === undefined) startLine = line;
    else addLine(fields, line);
  }
  return { startLine: startLine ?? '', fields, end };
}

function addLine(fields: [string, string][], line: string): void {
  const first = line.charCodeAt(0);
  if ((first === 0x20 || first === 0x09) && fields.length > 0) {
    fields[fields.length - 1][1] += ` ${line.trim()}`;
    return;
  }
  const colon = line.indexOf(':');
  if (colon > 0) fields.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
}

/** Index after the empty line. */
function endOfFields(bytes: Uint8Array, start: number, limit: number): number | undefined {
  for (let at = bytes.indexOf(lineFeed, start); at >= 0 && at < limit; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at + 1] === lineFeed) return at + 2;
    if (bytes[at + 1] === 13 && bytes[at + 2] === lineFeed) return at + 3;
  }
  return undefined;
}

function decode(view: Buffer): string {
  const text = view.toString('latin1');
  if (isAscii(view)) return text;
  const utf8 = view.toString('utf8');
  return utf8.includes('\uFFFD') ? text : utf8;
}

/** The first field of that name, whatever the case of its letters; `name` in lower case. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  for (const [key, value] of fields) {
    if (key.length === name.length && key.toLowerCase() === name) return value;
  }
  return undefined;
}
