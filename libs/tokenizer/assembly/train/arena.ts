// Memory that is handed out upwards and given back all at once.

let top: usize = 0;

export function setTop(address: usize): void { top = (address + 7) & ~7; }
export function topAddress(): usize { return top; }

/** Traps where the four gigabytes of a 32-bit memory are used up. */
export function reach(end: usize): void {
  const pages = <i32>((end + 65535) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages + 64) < 0 && memory.grow(pages) < 0) unreachable();
}

/** Not zeroed. */
export function allocate(bytes: usize): usize {
  const address = top;
  setTop(top + bytes);
  reach(top);
  return address;
}
