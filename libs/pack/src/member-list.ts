// The documents of one (split, source) as far as planning and lineage need them: about 50 bytes each, because a corpus
// has millions. Documents are added in the order of ids; a place is a document's number in that order.

import { hash } from 'node:crypto';
import { orderHash, planOrdered } from '@gristmill/shards';

export interface PlacedShard {
  readonly prefix: string;
  /** Places in the order of the shard. */
  readonly places: Uint32Array;
}

export class MemberList {
  length = 0;
  /** 16 bytes of id and 16 of digest. */
  private names = Buffer.alloc(32 << 8);
  private counts = new Uint32Array(1 << 8);

  /** @param tokens with end-of-text @param facts everything else that the document's row in the shard holds */
  push(id: string, tokens: number, facts: object): void {
    if (this.length === this.counts.length) this.grow();
    const at = this.length * 32;
    this.names.write(id, at, 16, 'hex');
    this.names.write(hash('sha256', JSON.stringify(facts), 'hex'), at + 16, 16, 'hex');
    this.counts[this.length++] = tokens;
  }

  id(place: number): string {
    return this.names.toString('hex', place * 32, place * 32 + 16);
  }

  tokens(place: number): number {
    return this.counts[place];
  }

  /** Id and digest, 32 bytes. */
  name(place: number): Uint8Array {
    return this.names.subarray(place * 32, place * 32 + 32);
  }

  plan({ seed, limitTokens }: { seed: number; limitTokens: number }): PlacedShard[] {
    const hashes = new BigUint64Array(this.length);
    for (let place = 0; place < this.length; place++) hashes[place] = orderHash(this.id(place), seed);
    const order = Uint32Array.from(hashes, (_, place) => place);
    order.sort((a, b) => (hashes[a] < hashes[b] ? -1 : hashes[a] > hashes[b] ? 1 : a - b));
    const ordered = {
      hashes: BigUint64Array.from(order, (place) => hashes[place]),
      tokens: Uint32Array.from(order, (place) => this.counts[place]),
    };
    return planOrdered(ordered, limitTokens).map(({ prefix, places }) => ({
      prefix,
      places: places.map((position) => order[position]),
    }));
  }

  private grow(): void {
    this.names = Buffer.concat([this.names], this.names.length * 2);
    const counts = new Uint32Array(this.counts.length * 2);
    counts.set(this.counts);
    this.counts = counts;
  }
}
