import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { encodeShard, ShardColumns, streamShard, type TokenDocument } from '@gristmill/shards';

const endOfText = 1;

function makeDocuments(seed: number, count: number): TokenDocument[] {
  const random = createRandom(seed);
  const maybe = <T>(value: T) => (random() < 0.5 ? value : undefined);
  return Array.from({ length: count }, (_, i) => {
    const length = random() < 0.1 ? 0 : Math.floor(random() * 900);
    const tokens = Uint32Array.from({ length }, (_, place) => (i * 31 + place) % 60_000);
    return {
      id: i.toString(16).padStart(32, '0'),
      language: maybe(['de', 'en'][i % 2]),
      domain: seed === 1 ? undefined : `d${i % 7}.example`,
      topic: maybe('Ährenlese'),
      quality: seed === 2 ? i : maybe(-i),
      tokens,
      lossMask: seed === 3 ? maybe(new Uint8Array(tokens.length + 1)) : undefined,
    };
  });
}

function* piecesOf(documents: readonly TokenDocument[], dtype: 'uint16' | 'uint32'): Generator<Uint8Array> {
  const all = documents.reduce((sum, { tokens }) => sum + tokens.length + 1, 0);
  const typed = dtype === 'uint16' ? new Uint16Array(all) : new Uint32Array(all);
  let end = 0;
  for (const { tokens } of documents) {
    typed.set(tokens, end);
    typed[(end += tokens.length + 1) - 1] = endOfText;
  }
  const bytes = new Uint8Array(typed.buffer);
  for (let at = 0; at < bytes.length; at += 99_999) yield bytes.subarray(at, at + 99_999);
}

describe('a shard that is streamed', () => {
  test('has the bytes, places and sums of one that is made at once', async () => {
    for (const [seed, dtype] of [
      [1, 'uint16'],
      [2, 'uint32'],
      [3, 'uint16'],
    ] as const) {
      const documents = makeDocuments(seed, seed === 2 ? 800 : 200);
      const columns = new ShardColumns(documents.map(({ tokens }) => tokens.length + 1));
      documents.forEach((document, row) => {
        columns.ids.set(Buffer.from(document.id, 'hex'), row * 16);
        columns.set(row, document, document.lossMask);
      });
      const place = { split: 'train', source: 'made', prefix: '01' };
      const tokens = () => piecesOf(documents, dtype);
      const { shard, bytes } = await streamShard(columns, { dtype, place, tokens });
      const { bytes: expected, ...facts } = encodeShard(documents, { dtype, endOfText });
      const written: Uint8Array[] = [];
      for await (const chunk of bytes()) written.push(chunk);
      expect(Buffer.concat(written).equals(expected)).toBe(true);
      expect(shard).toMatchObject({ ...facts, ...place, bytes: expected.length });
    }
  });
});
