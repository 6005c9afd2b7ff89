// A set of pairs of numbered texts as sorted doubles: the pair (a, b), a < b, of n texts is a × n + b, exact below 2^53.

import { checkPairable } from './pair-limit.ts';

export class PairSet {
  /** Sorted and distinct after `settle`. */
  codes = new Float64Array(1 << 10);
  length = 0;
  private settled = 0;
  private readonly texts: number;

  constructor(texts: number) {
    this.texts = checkPairable(texts);
  }

  add(a: number, b: number): void {
    if (this.length === this.codes.length) this.grow();
    this.codes[this.length++] = a < b ? a * this.texts + b : b * this.texts + a;
  }

  /** @returns the pairs, ascending by (a, b) */
  settle(): Float64Array {
    const codes = this.codes.subarray(0, this.length);
    if (this.settled < this.length) {
      codes.sort();
      this.length = unique(codes);
      this.settled = this.length;
    }
    return this.codes.subarray(0, this.length);
  }

  private grow(): void {
    // Bands propose the same pairs again and again: drop the repeats first, then double where that freed too little.
    this.settle();
    if (this.length * 2 < this.codes.length) return;
    const larger = new Float64Array(this.codes.length * 2);
    larger.set(this.codes.subarray(0, this.length));
    this.codes = larger;
  }
}

function unique(sorted: Float64Array): number {
  let length = 0;
  for (const code of sorted) if (length === 0 || sorted[length - 1] !== code) sorted[length++] = code;
  return length;
}

/** The position of a code among sorted ones, or −1. */
export function findCode(sorted: Float64Array, code: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] === code) return middle;
    if (sorted[middle] < code) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
