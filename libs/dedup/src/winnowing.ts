// Fingerprints of a text by winnowing (Schleimer, Wilkerson, Aiken 2003): of every 25 consecutive word 8-grams the least
// hash. Two texts that share a run of 32 words share a fingerprint, so every repeated passage of 50 words has one, and an
// excerpt of 32 words leads to the text that it was taken from. They propose; nothing is decided by them.

/** Words of a fingerprint. */
export const printWords = 8;
/** Consecutive word n-grams of which one is kept. */
export const printWindow = 25;
/** Every shared run of so many words has a fingerprint in common. */
export const guaranteedRun = printWords + printWindow - 1;

/** Positions of the least hash of every window of `window` hashes, the rightmost of equals; fewer hashes are one window. */
export function winnowPlainly(hashes: readonly bigint[], window: number): number[] {
  const chosen = new Set<number>();
  for (let from = 0; from === 0 || from + window <= hashes.length; from++) {
    const end = Math.min(from + window, hashes.length);
    let least = from;
    for (let i = from + 1; i < end; i++) if (hashes[i] <= hashes[least]) least = i;
    if (end > from) chosen.add(least);
  }
  return [...chosen];
}
