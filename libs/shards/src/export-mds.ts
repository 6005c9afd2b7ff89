// MosaicML streaming's MDS: a folder a split, `index.json` and `shard.NNNNN.mds`: sample count, uint32 offsets, a JSON
// header, then samples. A sample is a document: `id` (str) and `tokens` (bytes, little-endian, of the type that
// `token_encoding_type` of LLM Foundry takes: our dtype).

import { bytesOf, shardsOf } from './export-binary.ts';
import type { PutFile } from './export-tokens.ts';
import type { Tokens } from './token-reader.ts';

/** Bytes of a shard at most, unless one document is longer: MDSWriter's default. */
const sizeLimit = 1 << 26;

const header = {
  column_encodings: ['str', 'bytes'],
  column_names: ['id', 'tokens'],
  column_sizes: [null, null],
  compression: null,
  format: 'mds',
  hashes: [],
  size_limit: sizeLimit,
  version: 2,
};
const headerBytes = Buffer.from(JSON.stringify(header));

export async function exportMds(tokens: Tokens, put: PutFile): Promise<void> {
  for (const split of Object.keys(tokens.index.splits)) {
    const shards: object[] = [];
    for await (const samples of cutShards(tokens, split)) {
      const basename = `shard.${String(shards.length).padStart(5, '0')}.mds`;
      const bytes = encodeShard(samples);
      await put(`${split}/${basename}`, once(bytes));
      const raw_data = { basename, bytes: bytes.length, hashes: {} };
      shards.push({ ...header, raw_data, samples: samples.length, zip_data: null });
    }
    await put(`${split}/index.json`, once(Buffer.from(JSON.stringify({ version: 2, shards }))));
  }
}

async function* cutShards(tokens: Tokens, split: string): AsyncGenerator<Buffer[]> {
  let samples: Buffer[] = [];
  let size = headerBytes.length + 8;
  for (const shard of shardsOf(tokens, split)) {
    for await (const document of tokens.documents(shard)) {
      const sample = encodeSample(document.id, bytesOf(document.tokens));
      if (size + sample.length + 4 > sizeLimit && samples.length > 0) {
        yield samples;
        [samples, size] = [[], headerBytes.length + 8];
      }
      samples.push(sample);
      size += sample.length + 4;
    }
  }
  if (samples.length > 0) yield samples;
}

function encodeSample(id: string, tokens: Uint8Array): Buffer {
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(id.length, 0);
  sizes.writeUInt32LE(tokens.length, 4);
  return Buffer.concat([sizes, Buffer.from(id), tokens]);
}

function encodeShard(samples: readonly Buffer[]): Buffer {
  const front = Buffer.alloc(4 * (samples.length + 2));
  front.writeUInt32LE(samples.length, 0);
  let at = front.length + headerBytes.length;
  for (let i = 0; i <= samples.length; i++) {
    front.writeUInt32LE(at, 4 * (i + 1));
    at += samples[i]?.length ?? 0;
  }
  return Buffer.concat([front, headerBytes, ...samples]);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
