// Files of any size as text, chunk by chunk: JSON lines, tables and long arrays are never held as a whole. The charset is
// that of the first megabyte; what cannot be decoded becomes U+FFFD.

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ImportFile } from '@gristmill/corpus';
import { decodeText } from '@gristmill/text';

const sampleBytes = 1 << 20;

/** The file's charset, or the reason why there is no text. */
export async function textCharset({
  location,
}: ImportFile): Promise<{ charset: string; bytes: number } | { reason: 'empty' | 'unreadable' }> {
  try {
    await using file = await open(location, 'r');
    const stat = await file.stat();
    if (!stat.isFile()) return { reason: 'unreadable' };
    if (stat.size === 0) return { reason: 'empty' };
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(sampleBytes, stat.size)));
    const sample = buffer.subarray(0, bytesRead);
    const whole = bytesRead < stat.size ? withoutCutCharacter(sample) : sample;
    return { charset: decodeText(whole, { markup: 'none' }).charset, bytes: stat.size };
  } catch {
    return { reason: 'unreadable' };
  }
}

/** Without the UTF-8 sequence that the end of the sample may cut. */
function withoutCutCharacter(sample: Uint8Array): Uint8Array {
  let end = sample.length;
  while (end > sample.length - 4 && (sample[end - 1] & 0xc0) === 0x80) end--;
  return sample[end - 1] >= 0xc0 ? sample.subarray(0, end - 1) : sample;
}

/** @example for await (const text of textChunks(file, 'utf-8')) … */
export async function* textChunks({ location }: ImportFile, charset: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(charset);
  for await (const chunk of createReadStream(location, { highWaterMark: 1 << 18 })) {
    const text = decoder.decode(chunk as Uint8Array, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/** Longer lines are told, not held. */
export const mostLineUnits = 1 << 28;

/** Lines without their line feed; undefined for one of more than `most` UTF-16 units. */
export async function* textLines(
  chunks: AsyncIterable<string>,
  most = mostLineUnits,
): AsyncGenerator<string | undefined> {
  let held: string[] = [];
  let units = 0;
  const take = (end: string): string | undefined => {
    const line = units + end.length > most ? undefined : held.length === 0 ? end : held.join('') + end;
    [held, units] = [[], 0];
    return line;
  };
  for await (const chunk of chunks) {
    const ends = chunk.split('\n');
    for (const end of ends.slice(0, -1)) yield take(end);
    const rest = ends.at(-1)!;
    units += rest.length;
    if (units > most) held = [];
    else if (rest !== '') held.push(rest);
  }
  if (units > 0) yield take('');
}
