// Which of many ranges of one text are equal: exact, since hashes only find the place and units are compared.

let ids = new Int32Array(1024);
let hashes = new Int32Array(1024);
let slots = new Int32Array(4096);

function reserve(count: number): number {
  if (ids.length < count) {
    ids = new Int32Array(count * 2);
    hashes = new Int32Array(count * 2);
  }
  let size = 64;
  while (size < count * 2) size *= 2;
  if (slots.length < size) slots = new Int32Array(size);
  slots.fill(-1, 0, size);
  return size - 1;
}

/** Range → index of the first range equal to it. Valid until the next call on this thread. */
export function firstEqualRanges(
  units: Uint16Array,
  { starts, ends, count }: { starts: Int32Array; ends: Int32Array; count: number },
): Int32Array {
  const mask = reserve(count);
  for (let r = 0; r < count; r++) {
    const start = starts[r];
    const end = ends[r];
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + units[i]) | 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hashes[r] = hash;
    let slot = (hash ^ (hash >>> 13)) & mask;
    let other = slots[slot];
    while (
      other >= 0 &&
      !(hashes[other] === hash && isEqual(units, starts[other], ends[other], start, end))
    ) {
      slot = (slot + 1) & mask;
      other = slots[slot];
    }
    if (other < 0) other = slots[slot] = r;
    ids[r] = other;
  }
  return ids;
}

function isEqual(units: Uint16Array, from: number, to: number, start: number, end: number): boolean {
  if (to - from !== end - start) return false;
  for (let i = from, j = start; i < to; i++, j++) if (units[i] !== units[j]) return false;
  return true;
}
