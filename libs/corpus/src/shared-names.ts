// Names that stretches of one file gave their items, as numbers of 64 bits in scratch files: whether two stretches have one in
// common. Two names of one number are taken for one, which costs a reading and no item.

import { hash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';

export interface NameNotes {
  note(name: string): void;
  /** Writes them to `file`. @returns the files that hold some */
  close(file: string): string[];
}

export function createNameNotes(): NameNotes {
  let numbers = new BigUint64Array(1 << 10);
  let count = 0;
  return {
    note(name) {
      if (count === numbers.length) {
        const larger = new BigUint64Array(count * 2);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[count++] = hash('sha256', name, 'buffer').readBigUInt64LE(0);
    },
    close(file) {
      if (count === 0) return [];
      const sorted = numbers.subarray(0, count).sort();
      const distinct = sorted.filter((number, index) => index === 0 || number !== sorted[index - 1]);
      writeFileSync(file, distinct);
      return [file];
    },
  };
}

/** How many numbers are held at once. */
const mostHeld = 1 << 22;

/** Whether two of the files hold the same number. */
export function haveCommonName(files: readonly string[]): boolean {
  const total = files.reduce((sum, file) => sum + statSync(file).size / 8, 0);
  // Slice by slice of the numbers, so that memory does not grow with their count.
  const slices = BigInt(Math.ceil(total / mostHeld) || 1);
  const width = (1n << 64n) / slices + 1n;
  const at = files.map(() => 0);
  for (let slice = 0n; slice < slices; slice++) {
    const parts = files.map((file, index) => {
      const part = readBelow(file, at[index], (slice + 1n) * width);
      at[index] += part.length;
      return part;
    });
    const all = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0));
    let filled = 0;
    for (const part of parts) {
      all.set(part, filled);
      filled += part.length;
    }
    all.sort();
    if (all.some((number, index) => index > 0 && number === all[index - 1])) return true;
  }
  return false;
}

/** Those of a sorted file from one on that are less than the limit. */
function readBelow(file: string, from: number, limit: bigint): BigUint64Array {
  const descriptor = openSync(file, 'r');
  try {
    const size = statSync(file).size / 8;
    const parts: bigint[] = [];
    const buffer = new BigUint64Array(1 << 13);
    for (let at = from; at < size; at += buffer.length) {
      const read = readSync(descriptor, buffer, 0, buffer.byteLength, at * 8) / 8;
      for (let index = 0; index < read; index++) {
        if (buffer[index] >= limit) return BigUint64Array.from(parts);
        parts.push(buffer[index]);
      }
    }
    return BigUint64Array.from(parts);
  } finally {
    closeSync(descriptor);
  }
}
