// The bytes that one token stands for inside a text: a byte-level token's own bytes, a byte token's byte, otherwise what
// the decoder makes of it after another token. Decoding bytes token by token so loses no space, where decoding a whole
// text may drop the first.

import { textToBytes } from '../byte-alphabet.ts';
import { readComponent, readComponents } from '../json-component.ts';
import { readByteToken } from '../models/byte-fallback.ts';
import { readDecoder } from './read-decoder.ts';

const probe = 'x';
const utf8 = new TextEncoder();

export function openTokenBytes(
  spellings: readonly (string | undefined)[],
  decoderJson: unknown,
): (id: number) => Uint8Array | undefined {
  const types = listTypes(decoderJson);
  const decode = readDecoder(decoderJson);
  const textOf = (token: string): string => {
    // A decoder of byte pairs writes a word's space only when another follows.
    const last = types.has('BPEDecoder') ? [probe] : [];
    const text = decode([probe, token, ...last]).join('');
    return text.startsWith(probe) ? text.slice(probe.length, text.length - last.length) : token;
  };
  return (id) => {
    const token = spellings[id];
    if (token === undefined) return undefined;
    if (types.has('ByteLevel')) return textToBytes(token) ?? utf8.encode(token);
    const byte = types.has('ByteFallback') ? readByteToken(token) : undefined;
    return byte === undefined ? utf8.encode(textOf(token)) : Uint8Array.of(byte);
  };
}

function listTypes(json: unknown): Set<string> {
  if (json === null || json === undefined) return new Set();
  const component = readComponent(json);
  const parts = component.type === 'Sequence' ? readComponents(component, 'decoders') : [component];
  return new Set(parts.map(({ type }) => type));
}
