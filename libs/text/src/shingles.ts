// Word n-grams of a text in normal form, the sets that duplicate detection compares (Broder 1997).

/**
 * The distinct n-grams of a text that `normalizeForDedup` made, words joined by one space. A text of fewer than n words
 * is one shingle, so that short texts can still be compared; an empty text has none.
 * @example shingles('a b c', 2) // Set { 'a b', 'b c' }
 */
export function shingles(normalized: string, n = 5): Set<string> {
  const starts = [0];
  for (let i = normalized.indexOf(' '); i >= 0; i = normalized.indexOf(' ', i + 1)) starts.push(i + 1);
  const set = new Set<string>();
  if (normalized === '') return set;
  if (starts.length <= n) return set.add(normalized);
  starts.push(normalized.length + 1);
  for (let i = 0; i + n < starts.length; i++) set.add(normalized.slice(starts[i], starts[i + n] - 1));
  return set;
}
