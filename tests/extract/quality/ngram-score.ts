// Agreement of an extracted text with a wanted one, as news benchmarks count it: precision and recall of the multisets
// of 4-word shingles, averaged over pages; F1 of the two averages.

const size = 4;

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Words in small letters, four at a time, with their counts; a shorter text is one shingle. */
function shingles(text: string): Map<string, number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
  const counts = new Map<string, number>();
  if (words.length === 0) return counts;
  for (let i = 0; i < Math.max(1, words.length - size + 1); i++) {
    const key = words.slice(i, i + size).join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const total = (counts: Map<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

function scorePage(found: string, wanted: string): [precision: number, recall: number] {
  const [a, b] = [shingles(found), shingles(wanted)];
  let both = 0;
  for (const [key, count] of a) both += Math.min(count, b.get(key) ?? 0);
  const [foundSize, wantedSize] = [total(a), total(b)];
  return [
    foundSize > 0 ? both / foundSize : wantedSize === 0 ? 1 : 0,
    wantedSize > 0 ? both / wantedSize : 1,
  ];
}

/** @param pairs the text found and the text wanted, a page each */
export function ngramScore(pairs: readonly (readonly [found: string, wanted: string])[]): Score {
  const scores = pairs.map(([found, wanted]) => scorePage(found, wanted));
  const mean = (index: 0 | 1): number => scores.reduce((sum, score) => sum + score[index], 0) / scores.length;
  const [precision, recall] = [mean(0), mean(1)];
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}
