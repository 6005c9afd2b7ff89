// Megatron's indexed dataset (megatron/core/datasets/indexed_dataset.py): `<split>.bin` holds tokens, `<split>.idx` says
// where each document lies: magic, version 1, type code, sequences, documents + 1, int32 lengths, int64 byte positions,
// int64 first sequence of each document. A sequence is a document here. Vocabularies above 65,536 become int32.

import { bytesOf, readThrough, shardsOf } from './export-binary.ts';
import type { PutFile } from './export-tokens.ts';
import { tokenBytes } from './token-index.ts';
import type { Tokens } from './token-reader.ts';

const magic = 'MMIDIDX\0\0';
/** uint16 and int32 in Megatron's numbering. */
const typeCodes = { uint16: 8, uint32: 4 } as const;

export async function exportMegatron(tokens: Tokens, put: PutFile): Promise<void> {
  for (const split of Object.keys(tokens.index.splits)) {
    await put(`${split}.bin`, allTokens(tokens, split));
    await put(`${split}.idx`, describe(tokens, split));
  }
}

async function* allTokens(tokens: Tokens, split: string): AsyncGenerator<Uint8Array> {
  for (const shard of shardsOf(tokens, split)) {
    for await (const region of readThrough(tokens, shard)) yield bytesOf(region);
  }
}

async function* describe(tokens: Tokens, split: string): AsyncGenerator<Uint8Array> {
  const { documents } = tokens.index.splits[split];
  const lengths = new Int32Array(documents);
  let row = 0;
  for (const shard of shardsOf(tokens, split)) {
    const { offsets } = await tokens.head(shard);
    for (let i = 0; i + 1 < offsets.length; i++) lengths[row++] = offsets[i + 1] - offsets[i];
  }
  yield headerOf(typeCodes[tokens.index.dtype], documents);
  yield bytesOf(lengths);
  yield bytesOf64(positionsOf(lengths, tokenBytes(tokens.index.dtype)));
  yield bytesOf64(BigInt64Array.from({ length: documents + 1 }, (_, i) => BigInt(i)));
}

function headerOf(typeCode: number, documents: number): Uint8Array {
  const header = Buffer.alloc(34);
  header.write(magic, 'latin1');
  header.writeBigUInt64LE(1n, 9);
  header.writeUInt8(typeCode, 17);
  header.writeBigUInt64LE(BigInt(documents), 18);
  header.writeBigUInt64LE(BigInt(documents + 1), 26);
  return header;
}

function positionsOf(lengths: Int32Array, width: number): BigInt64Array {
  const positions = new BigInt64Array(lengths.length);
  let at = 0;
  lengths.forEach((length, i) => {
    positions[i] = BigInt(at);
    at += length * width;
  });
  return positions;
}

function bytesOf64(values: BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
