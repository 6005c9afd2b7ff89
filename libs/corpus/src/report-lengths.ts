// How long documents are: how many lie between two powers of two.

export type LengthFolds = readonly { readonly from: number; readonly documents: number }[];

/** @example createFolds(): add(5), add(7), finish() // [{ from: 4, documents: 2 }] */
export function createFolds() {
  const counts: number[] = [];
  return {
    add(length: number): void {
      const fold = length < 1 ? 0 : Math.floor(Math.log2(length));
      counts[fold] = (counts[fold] ?? 0) + 1;
    },
    /** Without the empty folds at both ends. */
    finish(): LengthFolds {
      const first = counts.findIndex((count) => count > 0);
      if (first < 0) return [];
      return Array.from({ length: counts.length - first }, (_, i) => ({
        from: 2 ** (first + i),
        documents: counts[first + i] ?? 0,
      }));
    },
  };
}
