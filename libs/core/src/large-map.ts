// Maps and sets without V8's end at 2^24 members: several of them, filled one after the other. Of few members it is one map
// and costs no more; each further map costs a look on the way.

/** V8 throws above 2^24 members. */
const mostMembers = 1 << 23;

export class LargeMap<K, V> implements ReadonlyMap<K, V> {
  private readonly maps: Map<K, V>[] = [new Map()];
  private readonly most: number;

  /** @param most members of one map, for tests */
  constructor(entries: Iterable<readonly [K, V]> = [], most = mostMembers) {
    this.most = most;
    for (const [key, value] of entries) this.set(key, value);
  }

  private holder(key: K): Map<K, V> | undefined {
    return this.maps.find((map) => map.has(key));
  }

  get(key: K): V | undefined {
    return this.maps.length === 1 ? this.maps[0].get(key) : this.holder(key)?.get(key);
  }

  has(key: K): boolean {
    return this.holder(key) !== undefined;
  }

  set(key: K, value: V): this {
    const last = this.maps[this.maps.length - 1];
    const isFull = last.size >= this.most;
    const holder = isFull || this.maps.length > 1 ? this.holder(key) : last;
    if (holder) holder.set(key, value);
    else if (!isFull) last.set(key, value);
    else this.maps.push(new Map([[key, value]]));
    return this;
  }

  get size(): number {
    return this.maps.reduce((sum, { size }) => sum + size, 0);
  }

  *entries(): MapIterator<[K, V]> {
    for (const map of this.maps) yield* map;
  }
  *keys(): MapIterator<K> {
    for (const map of this.maps) yield* map.keys();
  }
  *values(): MapIterator<V> {
    for (const map of this.maps) yield* map.values();
  }
  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
  forEach(call: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) call(value, key, this);
  }
}

/** Members of a set that only grows. */
export class LargeSet<K> {
  private readonly map: LargeMap<K, true>;

  constructor(members: Iterable<K> = [], most = mostMembers) {
    this.map = new LargeMap([], most);
    for (const member of members) this.add(member);
  }

  add(member: K): this {
    this.map.set(member, true);
    return this;
  }
  has(member: K): boolean {
    return this.map.has(member);
  }
  get size(): number {
    return this.map.size;
  }
  [Symbol.iterator](): MapIterator<K> {
    return this.map.keys();
  }
}
