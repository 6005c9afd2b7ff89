// The one-byte charsets in which UTF-8 is mistaken most often, as tables from character to byte, in the order in which
// they are tried. Bytes that windows-1252 leaves undefined are C1 controls, as browsers read them; so one table serves
// Latin-1 and windows-1252.

export interface Charset {
  readonly name: string;
  /** By UTF-16 unit: the byte from 0x80 to 0xff, or 0. */
  readonly bytes: Uint8Array;
  /** Finds out quickly that a text holds no UTF-8 sequence of two characters. */
  readonly hint: RegExp;
}

// DOS code page 437, which the web's encodings do not have.
const cp437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

function createCharset(name: string, upper: string): Charset {
  const bytes = new Uint8Array(65536);
  const units: number[] = [];
  const put = (unit: number, byte: number): void => {
    if (bytes[unit] === 0) units.push(unit);
    bytes[unit] = byte;
  };
  if (name === 'windows-1252') for (let byte = 0x80; byte < 0xa0; byte++) put(byte, byte);
  [...upper].forEach((character, i) => {
    if (character !== '\ufffd') put(character.charCodeAt(0), 0x80 + i);
  });
  const of = (from: number, to: number): string =>
    units
      .filter((unit) => bytes[unit] >= from && bytes[unit] <= to)
      .sort((a, b) => a - b)
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join('');
  return { name, bytes, hint: new RegExp(`[${of(0xc2, 0xf4)}][${of(0x80, 0xbf)}]`) };
}

function upperHalf(label: string): string {
  return new TextDecoder(label).decode(Uint8Array.from({ length: 128 }, (_, i) => 0x80 + i));
}

export const charsets: readonly Charset[] = [
  ...[
    'windows-1252',
    'windows-1251',
    'windows-1250',
    'windows-1253',
    'windows-1254',
    'windows-1257',
    'iso-8859-2',
    'macintosh',
  ].map((label) => createCharset(label, upperHalf(label))),
  createCharset('cp437', cp437),
];
