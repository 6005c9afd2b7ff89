// GPT-2's alphabet of bytes: each of the 256 byte values as one printable character, so that tokens of bytes can be
// written as text in a tokenizer.json. Source: Radford et al. 2019, encoder.py (bytes_to_unicode).

/** The character of each byte. Printable Latin-1 stands for itself, the rest follows from U+0100 on. */
export const byteToCharacter: readonly string[] = makeAlphabet();

const characterToByte = new Map(byteToCharacter.map((character, byte) => [character, byte]));

function makeAlphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(printable ? byte : next++);
  });
}

/** Spells bytes in the alphabet. */
export function bytesToText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byteToCharacter[byte];
  return text;
}

/** The bytes that a spelling stands for; undefined when it holds a character outside the alphabet. */
export function textToBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = characterToByte.get(text[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
