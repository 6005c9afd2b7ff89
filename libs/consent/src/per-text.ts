// A host's file speaks of thousands of its pages: what is made of a text is remembered for the texts that were asked about
// last.

/** Bytes that texts and what is made of them take, together, by estimate. */
const mostBytes = 4 << 20;
/** What is made of a line, an element or an object. */
const bytesOfPart = 200;

const weigh = (text: string): number => text.length + bytesOfPart * text.split(/[\r\n<{]/).length;

/** @param make a function of the text alone, whose results nobody changes */
export function perText<T>(make: (text: string) => T): (text: string) => T {
  /** In the order of use. */
  const made = new Map<string, { result: T; bytes: number }>();
  let bytes = 0;
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) {
      made.delete(text);
      made.set(text, known);
      return known.result;
    }
    const entry = { result: make(text), bytes: weigh(text) };
    made.set(text, entry);
    bytes += entry.bytes;
    for (const [oldest, { bytes: freed }] of made) {
      if (bytes <= mostBytes) break;
      made.delete(oldest);
      bytes -= freed;
    }
    return entry.result;
  };
}
