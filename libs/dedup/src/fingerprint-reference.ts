// The plain version of assembly/fingerprint.ts over libs/text's normal form and sets of strings: slow, clear, and what
// the kernel is tested against. Nothing else uses it.

import { normalizeForDedup, shingles } from '@gristmill/text';
import type { Overlap } from './fingerprint.ts';

const mask = (1n << 64n) - 1n;
const weight = 0x9e3779b97f4a7c15n;

function mix(given: bigint): bigint {
  let x = given;
  for (let round = 0; round < 2; round++) x = ((x ^ (x >> 32n)) * 0xd6e8feb86659fd93n) & mask;
  return x ^ (x >> 32n);
}

/** FNV-1a over UTF-16 units, mixed. */
export function hashWordPlainly(word: string): bigint {
  let h = 0xcbf29ce484222325n;
  for (let i = 0; i < word.length; i++) h = ((h ^ BigInt(word.charCodeAt(i))) * 0x100000001b3n) & mask;
  return mix(h);
}

/** Hashes of consecutive word n-grams of a text, repeats included. */
export function shinglesPlainly(text: string, n: number): bigint[] {
  const normal = normalizeForDedup(text);
  if (normal === '') return [];
  const words = normal.split(' ').map((word) => hashWordPlainly(word));
  const size = Math.min(n, words.length);
  const hashes: bigint[] = [];
  for (let i = 0; i + size <= words.length; i++) {
    hashes.push(mix(words.slice(i, i + size).reduce((h, word) => (h * weight + word) & mask, 0n)));
  }
  return hashes;
}

/** Sizes of the two texts' sets of shingles and of their intersection, on the shingles themselves. */
export function overlapPlainly(a: string, b: string, n = 5): Overlap {
  const [first, second] = [a, b].map((text) => shingles(normalizeForDedup(text), n));
  return { both: [...first].filter((shingle) => second.has(shingle)).length, a: first.size, b: second.size };
}
