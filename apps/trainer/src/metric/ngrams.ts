// n-grams of a list, counted.

export type Counts = ReadonlyMap<string, number>;

/** Parts are told apart by a character that no part has. */
export function countNgrams(parts: readonly string[], n: number, between = '\0'): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= parts.length; i++) {
    const ngram = parts.slice(i, i + n).join(between);
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** How many n-grams of one are in the other, each at most as often as there. */
export function countMatches(counts: Counts, others: Counts): number {
  let matches = 0;
  for (const [ngram, count] of counts) matches += Math.min(count, others.get(ngram) ?? 0);
  return matches;
}

/** Of each n-gram the greatest count. */
export function mergeCounts(all: readonly Counts[]): Counts {
  const merged = new Map(all[0]);
  for (const counts of all.slice(1))
    for (const [ngram, count] of counts) merged.set(ngram, Math.max(count, merged.get(ngram) ?? 0));
  return merged;
}
