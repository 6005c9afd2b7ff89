// The inverse of the decoders of the web, which browsers do not have: bytes for every character that one or two of them give.
import { decoderOf } from '@gristmill/text';

const tables = new Map<string, ReadonlyMap<string, readonly number[]>>();

/** Undefined where the charset lacks a character. */
export function tryEncodeText(text: string, charset: string): Uint8Array | undefined {
  let table = tables.get(charset);
  if (!table) tables.set(charset, (table = tabulate(charset)));
  const bytes: number[] = [];
  for (const character of text) {
    const found = table.get(character);
    if (!found) return undefined;
    bytes.push(...found);
  }
  return Uint8Array.from(bytes);
}

export function encodeText(text: string, charset: string): Uint8Array {
  const bytes = tryEncodeText(text, charset);
  if (!bytes) throw new Error(`${charset} cannot say all of: ${text}`);
  return bytes;
}

function tabulate(charset: string): Map<string, readonly number[]> {
  const decoder = decoderOf(charset);
  const table = new Map<string, readonly number[]>();
  const note = (...bytes: number[]): void => {
    const character = decoder.decode(Uint8Array.from(bytes));
    const isOne = [...character].length === 1 && character !== '\ufffd';
    if (isOne && !table.has(character)) table.set(character, bytes);
  };
  for (let byte = 0; byte < 256; byte++) note(byte);
  if (!/^(?:euc-|shift|big5|gb)/.test(charset)) return table;
  for (let lead = 0x81; lead < 0xff; lead++) for (let trail = 0x40; trail < 0xff; trail++) note(lead, trail);
  return table;
}
