// The executor's memory: one shared WebAssembly memory, handed out in blocks that come back. Blocks are aligned to 64
// bytes; of the free ones the smallest that fits is taken, neighbours are joined, and memory grows when none fits.

import { DataError } from '@gristmill/core';
import type { SharedMemory } from './wasm.ts';

export interface Heap {
  /** Address of a block; what it holds is left as it was. */
  take(bytes: number): number;
  /** The same, of zeros. */
  takeZeroed(bytes: number): number;
  give(address: number): void;
  /** Bytes that are in use. */
  readonly usedBytes: number;
  /** Bytes from the beginning to the end of the last block that was ever used. */
  readonly topBytes: number;
}

const page = 65_536;
const slack = 4096; // kernels may read a few vectors beyond an array
/** What WebAssembly addresses; the first page belongs to the kernels' own constants. */
export const addressableBytes = 65_536 * page - page - slack;

const align = (bytes: number) => Math.max(64, Math.ceil(bytes / 64) * 64);

interface Free {
  readonly address: number;
  readonly bytes: number;
}

export function createHeap(memory: SharedMemory): Heap {
  const taken = new Map<number, number>();
  const free: Free[] = []; // by address, never adjacent
  let top = page;
  let used = 0;

  function findFree(bytes: number): number | undefined {
    let best = -1;
    for (let i = 0; i < free.length; i++)
      if (free[i].bytes >= bytes && (best < 0 || free[i].bytes < free[best].bytes)) best = i;
    if (best < 0) return undefined;
    const { address, bytes: whole } = free[best];
    if (whole > bytes) free[best] = { address: address + bytes, bytes: whole - bytes };
    else free.splice(best, 1);
    return address;
  }

  /** Grows the memory, beginning in the last block where that is free. */
  function extend(bytes: number): number {
    const last = free.at(-1);
    const address = last && last.address + last.bytes === top ? last.address : top;
    growTo(memory, address + bytes + slack);
    if (address !== top) free.pop();
    top = address + bytes;
    return address;
  }

  function take(given: number): number {
    const bytes = align(given);
    const address = findFree(bytes) ?? extend(bytes);
    taken.set(address, bytes);
    used += bytes;
    return address;
  }

  return {
    take,
    takeZeroed(bytes) {
      const fresh = top;
      const address = take(bytes);
      // What lies beyond everything used so far is zero already.
      const end = Math.min(fresh, address + align(bytes));
      if (address < end) new Uint8Array(memory.buffer).fill(0, address, end);
      return address;
    },
    give(address) {
      const bytes = taken.get(address);
      if (bytes === undefined) throw new Error(`no block lies at ${address}`);
      taken.delete(address);
      used -= bytes;
      insertFree(free, { address, bytes });
    },
    get usedBytes() {
      return used;
    },
    get topBytes() {
      return top;
    },
  };
}

/** Puts a block among the free ones, joined to its neighbours. */
function insertFree(free: Free[], { address, bytes }: Free): void {
  let [low, high] = [0, free.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (free[middle].address < address) low = middle + 1;
    else high = middle;
  }
  const left = free[low - 1];
  const right = free[low];
  const joinsLeft = low > 0 && left.address + left.bytes === address;
  const joinsRight = low < free.length && address + bytes === right.address;
  const joined = {
    address: joinsLeft ? left.address : address,
    bytes: bytes + (joinsLeft ? left.bytes : 0) + (joinsRight ? right.bytes : 0),
  };
  free.splice(joinsLeft ? low - 1 : low, Number(joinsLeft) + Number(joinsRight), joined);
}

function growTo(memory: SharedMemory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / page);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw new DataError(
      'model-too-large-for-cpu',
      `the cpu executor is out of memory: ${Math.round(bytes / 1e6)} MB are needed, and WebAssembly addresses 4 GiB`,
      'lower the micro-batch size (--set microBatchSize=1) or the sequence length, or use another executor',
      { cause },
    );
  }
}
