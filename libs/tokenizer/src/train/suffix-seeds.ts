// The substrings that unigram training begins with: the strings of the inner nodes of the words' suffix tree, read off a
// suffix array that is sorted to the depth of the longest piece, and whole suffixes that repeat. Each is weighed by the
// counts of its words. Source: Kudo 2018; SentencePiece, unigram_model_trainer.cc.

export interface Seed {
  readonly piece: string;
  readonly weight: number;
}

export const longestPiece = 16;

/** At most `limit` seeds of at least two characters, by weight times length. @param words sorted */
export function findSeeds(words: readonly (readonly [string, number])[], limit: number): Seed[] {
  const text = `${words.map(([word]) => word).join('\0')}\0`;
  const units = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const weights = weighStarts(words, text.length);
  const suffixes = listStarts(units);
  sortSuffixes(units, suffixes);
  const found: { at: number; length: number; weight: number }[] = [];
  visitSubstrings(units, suffixes, weights, (at, length, weight) => {
    if (length > 1 && weight > 1 && !isHigh(units[at + length - 1])) found.push({ at, length, weight });
  });
  return found
    .sort((a, b) => b.weight * b.length - a.weight * a.length || a.at - b.at || a.length - b.length)
    .slice(0, limit)
    .map(({ at, length, weight }) => ({ piece: text.slice(at, at + length), weight }))
    .filter(({ piece }) => Array.from(piece).length > 1);
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

function weighStarts(words: readonly (readonly [string, number])[], length: number): Float64Array {
  const weights = new Float64Array(length);
  let at = 0;
  for (const [word, count] of words) {
    weights.fill(count, at, at + word.length);
    at += word.length + 1;
  }
  return weights;
}

function listStarts(units: Uint16Array): Int32Array {
  const starts = new Int32Array(units.length);
  let count = 0;
  for (let at = 0; at < units.length; at++) if (units[at] !== 0 && !isLow(units[at])) starts[count++] = at;
  return starts.subarray(0, count);
}

/** Multikey quicksort (Bentley and Sedgewick 1997) up to the longest piece; equal ones by place. */
function sortSuffixes(units: Uint16Array, suffixes: Int32Array): void {
  const tasks: [from: number, to: number, depth: number][] = [[0, suffixes.length, 0]];
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const [from, to, depth] = task;
    if (to - from < 2) continue;
    if (depth === longestPiece) {
      suffixes.subarray(from, to).sort();
      continue;
    }
    const pivot = units[suffixes[(from + to) >> 1] + depth];
    let [less, at, more] = [from, from, to];
    while (at < more) {
      const suffix = suffixes[at];
      const unit = units[suffix + depth];
      if (unit < pivot) {
        suffixes[at++] = suffixes[less];
        suffixes[less++] = suffix;
      } else if (unit > pivot) {
        suffixes[at] = suffixes[--more];
        suffixes[more] = suffix;
      } else at++;
    }
    tasks.push([from, less, depth], [more, to, depth]);
    if (pivot === 0) suffixes.subarray(less, more).sort();
    else tasks.push([less, more, depth + 1]);
  }
}

type Visit = (at: number, length: number, weight: number) => void;

/** Inner nodes of the suffix tree, from the common prefixes of neighbours, and suffixes that no neighbour shares. */
function visitSubstrings(
  units: Uint16Array,
  suffixes: Int32Array,
  weights: Float64Array,
  visit: Visit,
): void {
  const stack: { length: number; weight: number }[] = [{ length: 0, weight: 0 }];
  let before = 0;
  for (let i = 0; i < suffixes.length; i++) {
    const at = suffixes[i];
    const after = i + 1 < suffixes.length ? commonPrefix(units, at, suffixes[i + 1]) : 0;
    const whole = suffixLength(units, at);
    if (whole > Math.max(before, after)) visit(at, whole, weights[at]);
    let pending = weights[at];
    let top = stack.at(-1)!;
    if (after > top.length) stack.push((top = { length: after, weight: 0 }));
    top.weight += pending;
    while (top.length > after) {
      pending = top.weight;
      visit(at, top.length, pending);
      stack.pop();
      const under = stack.at(-1)!;
      if (under.length < after) stack.push({ length: after, weight: 0 });
      top = stack.at(-1)!;
      top.weight += pending;
    }
    before = after;
  }
}

function commonPrefix(units: Uint16Array, a: number, b: number): number {
  let length = 0;
  while (length < longestPiece && units[a + length] !== 0 && units[a + length] === units[b + length])
    length++;
  return length;
}

function suffixLength(units: Uint16Array, at: number): number {
  let length = 0;
  while (length < longestPiece && units[at + length] !== 0) length++;
  return length;
}
