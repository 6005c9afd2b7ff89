// Decoders for the encodings of the web by the WHATWG's tables. Node's own follow ICU, which differs where two bytes make a
// character: its euc-kr is without windows-949's syllables, its big5 without Hong Kong's, shift_jis and euc-jp treat errors
// otherwise. The others are the same, byte for byte, and faster.

import { createRequire } from 'node:module';

type Decoder = InstanceType<typeof TextDecoder>;

const differing = /^(?:euc-kr|big5|shift_jis|euc-jp)$/;
const require = createRequire(import.meta.url);
const decoders = new Map<string, Decoder>();

/** The WHATWG name of a charset label in lower case, or undefined for an unknown label. */
export function canonicalCharset(label: string): string | undefined {
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch {
    return undefined;
  }
}

/** For whole texts: it keeps nothing from one to the next. What it does not know is read as windows-1252. */
export function decoderOf(charset: string): Decoder {
  let decoder = decoders.get(charset);
  if (!decoder) decoders.set(charset, (decoder = create(charset)));
  return decoder;
}

function create(charset: string): Decoder {
  // Node knows all encodings of the web but x-user-defined, which the standard reads as windows-1252 in markup.
  const name = canonicalCharset(charset) ?? 'windows-1252';
  if (!differing.test(name)) return new TextDecoder(name);
  const { TextDecoder: Exact } = require('@exodus/bytes/encoding.js') as {
    TextDecoder: new (label: string) => Decoder;
  };
  return new Exact(name);
}
