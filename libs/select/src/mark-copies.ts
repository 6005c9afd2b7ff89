// Which occurrences of repeated text go: of equal hashes the best copy stays. Best is the document of the highest quality,
// then of the least id, then the first place in it. So what goes depends on the set of documents alone, and each word that
// goes stays somewhere.

import { forEachEqual, type HashSource } from '@gristmill/core';

export interface CopyOptions {
  /** By owner; owners are numbered in the order of ids. */
  readonly qualities: Int32Array;
  /** A document keeps all its own copies of what it is the best for: for lines and paragraphs. */
  readonly keepsOwn: boolean;
}

/** @returns 1 for each hash of the source, in order, that is not the best copy */
export async function markCopies(
  source: HashSource,
  { qualities, keepsOwn }: CopyOptions,
): Promise<Uint8Array> {
  const marks = new Uint8Array(source.total);
  await forEachEqual(source, (entries, owners) => {
    let best = 0;
    for (let i = 1; i < owners.length; i++) if (qualities[owners[i]] > qualities[owners[best]]) best = i;
    for (let i = 0; i < entries.length; i++)
      if (keepsOwn ? owners[i] !== owners[best] : i !== best) marks[entries[i]] = 1;
  });
  return marks;
}

/** Sorted by start; overlaps and neighbours joined. */
export function joinSpans(spans: readonly (readonly [number, number])[]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/** The marked ones of spans as dedup's tables keep them: distance from the start before, length, 32-bit little-endian. */
export function markedSpans(bytes: Uint8Array, marks: Uint8Array): [number, number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const spans: [number, number][] = [];
  let start = 0;
  for (const [i, mark] of marks.entries()) {
    start += view.getUint32(i * 8, true);
    if (mark === 1) spans.push([start, start + view.getUint32(i * 8 + 4, true)]);
  }
  return spans;
}
