// More text than there is: sentences of real texts in new order, some of their words put together from halves of two, so
// that the vocabulary goes on growing as it does in real text. Seeded: the same texts every time.
import { createRandom } from '@gristmill/core';

/** Of which one word changes: about one word in a hundred. */
const sentencesChanged = 1 / 5;
const sentencesOfText = 60;

/** Texts of about `megabytes` in UTF-8 together, one at a time. */
export function* recombine(texts: readonly string[], megabytes: number, seed = 1): Generator<string> {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
  const sentences = texts.flatMap((text) => text.split(/(?<=[.!?\n]) /));
  const halves = sentences
    .filter((_, i) => i % 50 === 0)
    .flatMap((sentence) => sentence.match(/\p{L}{4,}/gu) ?? []);
  const change = (sentence: string): string => {
    if (random() >= sentencesChanged) return sentence;
    const words = sentence.split(' ');
    const at = Math.floor(random() * words.length);
    words[at] = words[at].slice(0, (words[at].length + 1) >> 1) + pick(halves).slice(2).toLowerCase();
    return words.join(' ');
  };
  for (let bytes = 0; bytes < megabytes * 1e6;) {
    const text = Array.from({ length: sentencesOfText }, () => change(pick(sentences))).join(' ');
    bytes += Buffer.byteLength(text);
    yield text;
  }
}
