// ALiBi (Press et al. 2022): instead of positions, a score loses with the distance of its key, by a slope a head.

/**
 * 2^(−8h/n) for heads h = 1 … n where n is a power of two; else those of the power below, and every other one of the power
 * above.
 */
export function alibiSlopes(heads: number): number[] {
  const power = 2 ** Math.floor(Math.log2(heads));
  const slopes = (n: number) => Array.from({ length: n }, (_, i) => 2 ** ((-8 * (i + 1)) / n));
  const between = slopes(2 * power).filter((_, i) => i % 2 === 0);
  return [...slopes(power), ...between].slice(0, heads);
}
