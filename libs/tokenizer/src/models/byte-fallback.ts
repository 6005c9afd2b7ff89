// Characters outside the vocabulary spelled by their bytes, as tokens <0x00> to <0xFF>.

const utf8 = new TextEncoder();

export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** The byte that such a token stands for. */
export function readByteToken(token: string): number | undefined {
  if (token.length !== 6) return undefined;
  const match = /^<0x(\+?[0-9A-Fa-f]{1,2})>$/.exec(token);
  return match ? Number.parseInt(match[1], 16) : undefined;
}

/** Appends the ids of a text's bytes; false, and nothing appended, when the vocabulary lacks one of them. */
export function fallbackBytes(ids: ReadonlyMap<string, number>): (text: string, out: number[]) => boolean {
  const byByte = Array.from({ length: 256 }, (_, byte) => ids.get(byteToken(byte)) ?? -1);
  return (text, out) => {
    const spelled = Array.from(utf8.encode(text), (byte) => byByte[byte]);
    if (spelled.includes(-1)) return false;
    out.push(...spelled);
    return true;
  };
}
