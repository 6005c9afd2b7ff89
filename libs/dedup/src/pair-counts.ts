// How often each pair of numbered texts was proposed. The pair (a, b), a < b, of n texts is a × n + b, exact below 2^53.

import { checkPairable } from './pair-limit.ts';

export class PairCounts {
  private readonly texts: number;
  private codes = new Float64Array(0);
  private counts = new Uint32Array(0);
  private waiting = new Float64Array(1 << 16);
  private length = 0;

  constructor(texts: number) {
    this.texts = checkPairable(texts);
  }

  add(a: number, b: number): void {
    if (this.length === this.waiting.length) this.settle();
    this.waiting[this.length++] = a < b ? a * this.texts + b : b * this.texts + a;
  }

  /** Pairs ascending by (a, b), with the number of calls of `add` for each. */
  settle(): { codes: Float64Array; counts: Uint32Array } {
    const fresh = this.waiting.subarray(0, this.length).sort();
    if (fresh.length > 0) this.merge(fresh);
    this.length = 0;
    // Waiting pairs are merged when they are about as many as the settled ones: each is moved a few times at most.
    if (this.waiting.length < this.codes.length) this.waiting = new Float64Array(this.codes.length);
    return { codes: this.codes, counts: this.counts };
  }

  private merge(fresh: Float64Array): void {
    const codes = new Float64Array(this.codes.length + fresh.length);
    const counts = new Uint32Array(codes.length);
    let length = 0;
    const put = (code: number, count: number): void => {
      if (length === 0 || codes[length - 1] !== code) codes[length++] = code;
      counts[length - 1] += count;
    };
    let i = 0;
    for (const code of fresh) {
      for (; i < this.codes.length && this.codes[i] <= code; i++) put(this.codes[i], this.counts[i]);
      put(code, 1);
    }
    for (; i < this.codes.length; i++) put(this.codes[i], this.counts[i]);
    this.codes = codes.slice(0, length);
    this.counts = counts.slice(0, length);
  }
}
