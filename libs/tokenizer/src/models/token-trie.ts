// A trie over the UTF-16 units of tokens, in one open-addressing hash table of typed arrays: (node, unit) gives the next
// node. A step allocates nothing.

export class TokenTrie {
  #mask: number;
  #keys: Float64Array;
  #nodes: Int32Array;
  #count = 0;
  /** Value of each node; -1 for none. */
  readonly #values: number[] = [-1];

  constructor(expectedNodes = 1024) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(64, expectedNodes * 2)));
    this.#mask = size - 1;
    this.#keys = new Float64Array(size).fill(-1);
    this.#nodes = new Int32Array(size);
  }

  /** The root is node 0. A later value replaces an earlier one. */
  set(token: string, value: number): void {
    let node = 0;
    for (let i = 0; i < token.length; i++) node = this.#grow(node, token.charCodeAt(i));
    this.#values[node] = value;
  }

  /** The node after `unit`, or -1. */
  step(node: number, unit: number): number {
    const key = node * 65536 + unit;
    for (let slot = this.#hash(node, unit); ; slot = (slot + 1) & this.#mask) {
      if (this.#keys[slot] === key) return this.#nodes[slot];
      if (this.#keys[slot] < 0) return -1;
    }
  }

  valueAt(node: number): number {
    return this.#values[node];
  }

  /** The node of a prefix, or -1. */
  find(prefix: string, from = 0): number {
    let node = from;
    for (let i = 0; i < prefix.length && node >= 0; i++) node = this.step(node, prefix.charCodeAt(i));
    return node;
  }

  #hash(node: number, unit: number): number {
    const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(unit + 0x7f4a7c15, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }

  #grow(node: number, unit: number): number {
    const known = this.step(node, unit);
    if (known >= 0) return known;
    if (2 * (this.#count + 1) > this.#mask) this.#enlarge();
    const next = this.#values.length;
    this.#values.push(-1);
    this.#place(node * 65536 + unit, next);
    this.#count++;
    return next;
  }

  #place(key: number, next: number): void {
    let slot = this.#hash(Math.floor(key / 65536), key % 65536);
    while (this.#keys[slot] >= 0) slot = (slot + 1) & this.#mask;
    this.#keys[slot] = key;
    this.#nodes[slot] = next;
  }

  #enlarge(): void {
    const [keys, nodes] = [this.#keys, this.#nodes];
    this.#keys = new Float64Array(2 * keys.length).fill(-1);
    this.#nodes = new Int32Array(2 * keys.length);
    this.#mask = this.#keys.length - 1;
    keys.forEach((key, slot) => key >= 0 && this.#place(key, nodes[slot]));
  }
}
