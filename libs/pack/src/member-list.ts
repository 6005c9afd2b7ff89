// The documents of one (split, source) as far as planning and lineage need them: about 50 bytes each, because a corpus
// has millions, in blocks that never move. Documents are added in the order of ids; a place is a document's number in
// that order.

import { hash } from 'node:crypto';
import { orderByHash } from '@gristmill/core';
import { orderHash, planOrdered } from '@gristmill/shards';

export interface PlacedShard {
  readonly prefix: string;
  /** Places in the order of the shard. */
  readonly places: Uint32Array;
}

const blockDocuments = 1 << 14;
const nameBytes = 32;

interface Block {
  /** 16 bytes of id and 16 of digest a document. */
  readonly names: Buffer;
  readonly counts: Uint32Array;
}

export class MemberList {
  length = 0;
  private readonly blocks: Block[] = [];

  /** @param tokens with end-of-text @param facts everything else that the document's row in the shard holds */
  push(id: string, tokens: number, facts: object): void {
    if (this.length === this.blocks.length * blockDocuments) {
      const names = Buffer.allocUnsafeSlow(blockDocuments * nameBytes);
      this.blocks.push({ names, counts: new Uint32Array(blockDocuments) });
    }
    const { names, counts } = this.blocks.at(-1)!;
    const row = this.length++ % blockDocuments;
    names.write(id, row * nameBytes, 16, 'hex');
    names.write(hash('sha256', JSON.stringify(facts), 'hex'), row * nameBytes + 16, 16, 'hex');
    counts[row] = tokens;
  }

  id(place: number): string {
    return Buffer.from(this.name(place).subarray(0, 16)).toString('hex');
  }

  tokens(place: number): number {
    return this.blocks[Math.floor(place / blockDocuments)].counts[place % blockDocuments];
  }

  /** Id and digest, 32 bytes. */
  name(place: number): Uint8Array {
    const at = (place % blockDocuments) * nameBytes;
    return this.blocks[Math.floor(place / blockDocuments)].names.subarray(at, at + nameBytes);
  }

  plan({ seed, limitTokens }: { seed: number; limitTokens: number }): PlacedShard[] {
    const hashes = new BigUint64Array(this.length);
    for (let place = 0; place < this.length; place++) hashes[place] = orderHash(this.id(place), seed);
    const halves = new Uint32Array(hashes.buffer);
    const order = orderByHash({
      count: this.length,
      leading: (place) => halves[2 * place + 1],
      compare: (a, b) => (hashes[a] < hashes[b] ? -1 : hashes[a] > hashes[b] ? 1 : 0),
    });
    const ordered = {
      hashes: new BigUint64Array(this.length),
      tokens: Uint32Array.from(order, (place) => this.tokens(place)),
    };
    for (let i = 0; i < order.length; i++) ordered.hashes[i] = hashes[order[i]];
    return planOrdered(ordered, limitTokens).map(({ prefix, places }) => ({
      prefix,
      places: places.map((position) => order[position]),
    }));
  }
}
