// Files of any size as text, stretch by stretch: JSON lines, tables and long arrays are never held as a whole. A line that
// is UTF-8 is read as UTF-8 whatever stands in the others, so one foreign line costs that line only.

import { isUtf8 } from 'node:buffer';
import { decodeText, decoderOf } from '@gristmill/text';
import { ContentError, readHead, type Content } from './content.ts';

/** Text that ends with a line feed, with the content, or inside a line of more than a MiB. */
export interface Stretch {
  readonly text: string;
  /** Holds bytes that are not of the file's charset: they are U+FFFD now. */
  readonly isForeign: boolean;
}

const sampleBytes = 1 << 20;

/**
 * The charset of what is not UTF-8 in it: UTF-16 by mark or look; a legacy one where more lines are foreign than hold
 * UTF-8 beyond ASCII; else UTF-8.
 */
export async function textCharset(content: Content): Promise<string> {
  const { head, isWhole } = await readHead(content, sampleBytes);
  if (isUtf8(isWhole ? head : withoutCutCharacter(head)) && !/^(?:\xff\xfe|\xfe\xff)|\0/.test(latin1(head)))
    return 'utf-8';
  const { charset } = decodeText(withoutPadding(head), { markup: 'none' });
  if (/^utf-/.test(charset)) return charset;
  return (await isMostlyForeign(content)) ? legacyCharset(content, charset) : 'utf-8';
}

const latin1 = (bytes: Buffer): string => bytes.toString('latin1', 0, 4096);

/** NULs at the end are padding and no sign of UTF-16. */
function withoutPadding(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, Math.min(bytes.length, end + 1));
}

/** Without the UTF-8 sequence that the end of the sample may cut. */
function withoutCutCharacter(sample: Buffer): Buffer {
  let end = sample.length;
  while (end > sample.length - 4 && (sample[end - 1] & 0xc0) === 0x80) end--;
  return sample[end - 1] >= 0xc0 ? sample.subarray(0, end - 1) : sample;
}

async function isMostlyForeign(content: Content): Promise<boolean> {
  let balance = 0;
  for await (const line of readableStretches(content)) {
    if (!isUtf8(line)) balance++;
    else if (isBeyondAscii(line)) balance--;
  }
  return balance > 0;
}

function isBeyondAscii(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] > 0x7f) return true;
  return false;
}

/** By the foreign lines alone. */
async function legacyCharset(content: Content, guess: string): Promise<string> {
  const lines: Buffer[] = [];
  let length = 0;
  for await (const line of readableStretches(content)) {
    if (isUtf8(line)) continue;
    lines.push(line);
    if ((length += line.length) > sampleBytes) break;
  }
  const { charset } = decodeText(Buffer.concat(lines), { markup: 'none' });
  return /^utf-/.test(charset) ? guess : charset;
}

/** Those before a damaged place, which whoever reads the text is told of. */
async function* readableStretches(content: Content): AsyncGenerator<Buffer> {
  try {
    yield* byteStretches(content);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
  }
}

const mostStretch = 1 << 20;

/** Lines with their ends; longer ones in pieces that cut no UTF-8 sequence. */
async function* byteStretches(content: Content): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of content.chunks()) {
    let rest: Buffer = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
    while (rest.length > mostStretch) {
      const piece = withoutCutCharacter(rest.subarray(0, mostStretch));
      yield piece;
      rest = rest.subarray(piece.length);
    }
    held = rest;
  }
  if (held.length > 0) yield held;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * NUL bytes, with which files are padded, are left out, and so is a byte order mark.
 * @param known the charset, where the whole was looked at before
 */
export async function* textStretches(content: Content, known?: string): AsyncGenerator<Stretch> {
  const charset = known ?? (await textCharset(content));
  const stretches = /^utf-16/.test(charset)
    ? wideStretches(content, charset)
    : narrowStretches(content, charset);
  let isFirst = true;
  for await (const { text, isForeign } of stretches) {
    const marked = isFirst ? text.replace(/^\uFEFF/, '') : text;
    isFirst = false;
    yield { text: marked.includes('\0') ? marked.replaceAll('\0', '') : marked, isForeign };
  }
}

async function* wideStretches(content: Content, charset: string): AsyncGenerator<Stretch> {
  const decoder = new TextDecoder(charset);
  for await (const chunk of content.chunks()) {
    yield { text: decoder.decode(chunk, { stream: true }), isForeign: false };
  }
  yield { text: decoder.decode(), isForeign: false };
}

/** Whole chunks at once where they are UTF-8, else line by line. */
async function* narrowStretches(content: Content, charset: string): AsyncGenerator<Stretch> {
  const decoder = decoderOf(charset);
  let held: Buffer[] = [];
  let length = 0;
  const take = (): Stretch[] => {
    const stretch = { text: Buffer.concat(held, length).toString(), isForeign: false };
    const isNone = length === 0;
    [held, length] = [[], 0];
    return isNone ? [] : [stretch];
  };
  try {
    for await (const line of byteStretches(content)) {
      if (isUtf8(line)) {
        held.push(line);
        length += line.length;
        if (length >= 1 << 16) yield* take();
      } else {
        yield* take();
        yield { text: decoder.decode(line), isForeign: charset === 'utf-8' };
      }
    }
  } catch (error) {
    // What lies before a damaged place is given.
    yield* take();
    throw error;
  }
  yield* take();
}

/** Longer lines are told, not held. */
export const mostLineUnits = 1 << 28;

/** Lines without their line feed; undefined for one of more than `most` UTF-16 units. */
export async function* textLines(
  stretches: AsyncIterable<Stretch>,
  most = mostLineUnits,
): AsyncGenerator<Stretch | undefined> {
  let held: string[] = [];
  let [units, isForeign] = [0, false];
  const take = (end: string): Stretch | undefined => {
    const text = units + end.length > most ? undefined : held.length === 0 ? end : held.join('') + end;
    const line = text === undefined ? undefined : { text, isForeign };
    [held, units, isForeign] = [[], 0, false];
    return line;
  };
  for await (const stretch of stretches) {
    isForeign ||= stretch.isForeign;
    const ends = stretch.text.split('\n');
    for (const end of ends.slice(0, -1)) yield take(end);
    const rest = ends.at(-1)!;
    units += rest.length;
    if (units > most) held = [];
    else if (rest !== '') held.push(rest);
  }
  if (units > 0) yield take('');
}
