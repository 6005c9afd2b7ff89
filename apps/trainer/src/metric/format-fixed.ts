// A number with so many digits behind its point, a half rounded to the even digit as Python prints it.

export function formatFixed(value: number, digits: number): string {
  // Only multiples of a power of two are exactly between two numbers of so many digits.
  const isHalf = Math.abs((value * 2 ** (digits + 1)) % 2) === 1;
  if (!isHalf) return value.toFixed(digits);
  const lower = Math.floor(value * 10 ** digits);
  return ((lower % 2 === 0 ? lower : lower + 1) / 10 ** digits).toFixed(digits);
}
