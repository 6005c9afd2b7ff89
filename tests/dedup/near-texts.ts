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

/** Texts of paragraphs, some taken from a common stock: whole, in part, or wrapped anew; with a quality of 0 to 2. */
export function makeRepeatedTexts(count: number, seed = 1): { id: string; text: string; quality: number }[] {
  const random = createRandom(seed);
  const word = (): string => wordOf(Math.floor(random() ** 2 * 5000) * 17);
  const sentence = (): string =>
    `${Array.from({ length: 6 + Math.floor(random() * 14) }, word).join(' ')}. ☃`;
  const paragraph = (lines: number): string => Array.from({ length: lines }, sentence).join('\n');
  const stock = Array.from({ length: 12 }, () => paragraph(2 + Math.floor(random() * 8)));
  const piece = (): string => {
    const [kind, taken] = [random(), stock[Math.floor(random() * stock.length)]];
    if (kind < 0.6) return paragraph(1 + Math.floor(random() * 6));
    if (kind < 0.7) return taken;
    if (kind < 0.8) return `${sentence()} ${taken.replaceAll('\n', ' ').toUpperCase()}`;
    const words = taken.split(/\s/);
    const from = Math.floor(random() * 30);
    return words.slice(from, from + 40 + Math.floor(random() * 60)).join(' ');
  };
  return Array.from({ length: count }, (_, i) => ({
    id: `text-${String(i).padStart(4, '0')}`,
    text: Array.from({ length: 2 + Math.floor(random() * 4) }, piece).join('\n\n'),
    quality: Math.floor(random() * 3),
  }));
}
