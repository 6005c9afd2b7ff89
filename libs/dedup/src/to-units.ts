// Offsets into a text's UTF-8 bytes as offsets into its UTF-16 units, in which the rest of the corpus speaks.

/**
 * @param offsets ascending byte offsets at borders of characters, of a text without lone surrogates
 * @example toUnits('é!', Uint32Array.of(0, 2, 3)) // 0, 1, 2
 */
export function toUnits(text: string, offsets: Uint32Array): Uint32Array {
  const units = new Uint32Array(offsets.length);
  let [unit, byte] = [0, 0];
  for (let i = 0; i < offsets.length; i++) {
    while (byte < offsets[i]) {
      const code = text.charCodeAt(unit++);
      if (code < 0x80) byte++;
      else if (code < 0x800) byte += 2;
      // Each half of a pair stands for two of its four bytes.
      else byte += code >= 0xd800 && code < 0xe000 ? 2 : 3;
    }
    units[i] = unit;
  }
  return units;
}
