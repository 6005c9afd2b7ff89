// A header's value as text. HTTP says nothing of its bytes beyond ASCII; browsers take them for UTF-8 where they are that.

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @param value one character for each byte, as it came; what is no UTF-8 is left so */
export function headerText(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[^\0-\xff]/.test(value)) return value;
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}
