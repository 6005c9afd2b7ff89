// A host's file speaks of thousands of its pages: what is made of a text is remembered for the texts that were asked about
// last.

const mostTexts = 1000;
/** UTF-16 code units of the texts that are remembered, together. */
const mostLength = 8 << 20;

/** @param make a function of the text alone, whose results nobody changes */
export function perText<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  let length = 0;
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) {
      // The map is in the order of use.
      made.delete(text);
      made.set(text, known);
      return known;
    }
    const result = make(text);
    made.set(text, result);
    length += text.length;
    for (const oldest of made.keys()) {
      if (made.size <= mostTexts && length <= mostLength) break;
      made.delete(oldest);
      length -= oldest.length;
    }
    return result;
  };
}
