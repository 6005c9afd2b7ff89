// The file of a learned model: 8 bytes magic, uint32 length of a JSON header (padded with spaces to 4 bytes), the header,
// then one array of little-endian 32-bit numbers. The header names the kind, so that a file is not taken for another.

import { canonicalJson, DataError, type JsonObject } from '@gristmill/core';

const magic = 'GRISTLM1';

export interface LearnedFile {
  readonly kind: string;
  readonly header: JsonObject;
  readonly numbers: Float32Array;
}

export function encodeLearned({ kind, header, numbers }: LearnedFile): Uint8Array {
  const json = canonicalJson({ ...header, kind, numbers: numbers.length });
  const length = (Buffer.byteLength(json) + 3) & ~3;
  const bytes = new Uint8Array(12 + length + numbers.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(magic, 'latin1'));
  view.setUint32(8, length, true);
  bytes.fill(0x20, 12, 12 + length);
  bytes.set(Buffer.from(json), 12);
  for (let i = 0; i < numbers.length; i++) view.setFloat32(12 + length + 4 * i, numbers[i], true);
  return bytes;
}

/** @throws DataError for bytes that are no learned file of this kind, or a damaged one */
export function decodeLearned(bytes: Uint8Array, kind: string): LearnedFile {
  const fail = (what: string): never => {
    throw new DataError(
      'learned-file',
      `this is no ${kind} file: ${what}`,
      'train it anew, or check its name',
    );
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (bytes.length < 12 || !found.startsWith(magic.slice(0, -1))) fail('wrong magic');
  if (found !== magic) fail(`its format version is ${found.slice(-1)} instead of ${magic.slice(-1)}`);
  const length = view.getUint32(8, true);
  if (length > bytes.length - 12) fail('it ends too early');
  const header = parseHeader(bytes.subarray(12, 12 + length), fail);
  if (header.kind !== kind) fail(`it holds a ${String(header.kind)}`);
  const count = Number(header.numbers);
  if (bytes.length !== 12 + length + count * 4) fail('its length is not that of its header');
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = view.getFloat32(12 + length + 4 * i, true);
  return { kind, header, numbers };
}

function parseHeader(bytes: Uint8Array, fail: (what: string) => never): Record<string, never> & JsonObject {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, never> & JsonObject;
  } catch {
    return fail('its header is no JSON');
  }
}
