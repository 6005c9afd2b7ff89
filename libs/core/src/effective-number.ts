/** How many equally common kinds would be as diverse: e to the entropy of the shares (Hill number of order 1). */
export function effectiveNumber(counts: Iterable<number>): number {
  const positive = [...counts].filter((count) => count > 0);
  const total = positive.reduce((sum, count) => sum + count, 0);
  return total === 0
    ? 0
    : Math.exp(positive.reduce((sum, count) => sum - (count / total) * Math.log(count / total), 0));
}
