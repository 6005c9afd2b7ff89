// Spaces as Python has them, since the metrics were defined there: with U+001C to U+001F and U+0085, without U+FEFF.

const space = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const spaces = new RegExp(`${space}+`, 'u');
const spacesAtEnd = new RegExp(`${space}+$`, 'u');
const spacesAround = new RegExp(`^${space}+|${space}+$`, 'gu');

export const splitWords = (text: string): string[] => text.split(spaces).filter((word) => word !== '');

export const trimEnd = (text: string): string => text.replace(spacesAtEnd, '');

export const trimBoth = (text: string): string => text.replace(spacesAround, '');
