// Seeded texts with injected near duplicates: some copies with a share of their words replaced, some exact but for case
// and punctuation.
import { createRandom } from '@gristmill/core';

export interface NearText {
  readonly id: string;
  readonly text: string;
  /** Index of the text that it copies. */
  readonly of?: number;
}

export function makeNearTexts(count: number, seed = 1): NearText[] {
  const random = createRandom(seed);
  const vocabulary = Array.from({ length: 4000 }, (_, i) => wordOf((i * 7919) % 99991));
  const word = (): string => vocabulary[Math.floor(random() ** 2 * vocabulary.length)];
  const texts: NearText[] = [];
  for (let i = 0; i < count; i++) {
    const id = `doc-${i}`;
    const original = random() < 0.3 && i > 10 ? Math.floor(random() * i) : undefined;
    if (original === undefined) {
      const length = 20 + Math.floor(random() * 200);
      texts.push({ id, text: `${Array.from({ length }, word).join(' ')}.` });
      continue;
    }
    const share = [0, 0.005, 0.01, 0.02, 0.05][Math.floor(random() * 5)];
    const words = texts[original].text.split(' ').map((old) => (random() < share ? word() : old));
    texts.push({ id, text: share === 0 ? words.join('  ').toUpperCase() : words.join(' '), of: original });
  }
  return texts;
}

/** A word of letters for each number: digits are one in normal form. */
export function wordOf(number: number): string {
  return `w${number.toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)])}`;
}
