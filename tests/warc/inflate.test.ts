// The inflater drives a handle of Node's that is not documented: these tests say whether this Node still has it.
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { createInflater, type Inflater } from '../../libs/warc/src/inflate.ts';
import { createWholeInflater } from '../../libs/warc/src/whole-inflate.ts';

const random = createRandom(5);
const inputs = [0, 1, 100, 65_536, 300_000].flatMap((length) => [
  Buffer.alloc(length, 'ab'),
  Buffer.from(Uint8Array.from({ length }, () => random() * 256)),
]);
const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY];

/** All of a stream, given in pieces, taken in pieces. */
function inflateAll(inflater: Inflater, stream: Uint8Array, pieceIn: number, pieceOut: number): Buffer {
  inflater.reset();
  const parts: Buffer[] = [];
  let state = 'more';
  for (let at = 0; state !== 'ended' && state !== 'damaged' && at < stream.length;) {
    const output = Buffer.alloc(pieceOut);
    const result = inflater.inflate(stream.subarray(0, at + pieceIn), at, output, 0);
    state = result.state;
    at += result.consumed;
    parts.push(output.subarray(0, result.written));
  }
  expect(state).toBe('ended');
  return Buffer.concat(parts);
}

test.each(strategies)('pieces of any size give what was deflated (strategy %s)', (strategy) => {
  const inflater = createInflater();
  for (const input of inputs) {
    // Two bytes follow the stream, as a member's trailer does.
    const stream = Buffer.concat([deflateRawSync(input, { strategy }), Buffer.from([1, 2])]);
    for (const [pieceIn, pieceOut] of [
      [1 << 20, 1 << 20],
      [1000, 777],
      [4096, 1 << 16],
    ])
      expect(Buffer.compare(inflateAll(inflater, stream, pieceIn, pieceOut), input)).toBe(0);
  }
});

test('the end, a lack of input, a full output and damage are told apart, and the next stream is a new one', () => {
  const inflater = createInflater();
  const stream = deflateRawSync(Buffer.alloc(1000, 'xyz'));
  const output = Buffer.alloc(2000);
  const stateOf = (bytes: Uint8Array, room: Uint8Array): object => {
    inflater.reset();
    return { ...inflater.inflate(bytes, 0, room, 0) };
  };
  const followed = Buffer.concat([stream, Buffer.from([0])]);
  expect(stateOf(followed, output)).toEqual({ state: 'ended', consumed: stream.length, written: 1000 });
  expect(stateOf(stream.subarray(0, 5), output)).toMatchObject({ state: 'more', consumed: 5 });
  expect(stateOf(followed, output.subarray(0, 10))).toMatchObject({ state: 'full', written: 10 });
  expect(stateOf(Buffer.from([0xff, 0xff]), output)).toEqual({ state: 'damaged', consumed: 0, written: 0 });
  expect(stateOf(followed, output)).toEqual({ state: 'ended', consumed: stream.length, written: 1000 });
});

describe('the inflater of whole streams', () => {
  const kinds = [
    () => 'a'.repeat(random() * 70_000),
    () => Array.from({ length: random() * 3000 }, () => Math.floor(random() * 1e6).toString(36)).join(' '),
    () => Buffer.from(Uint8Array.from({ length: random() * 60_000 }, () => random() * 256)),
    () => Buffer.from(Uint8Array.from({ length: random() * 60_000 }, () => random() ** 3 * 256)),
    () =>
      'ab'.repeat(random() * 300) + 'xyz'.repeat(random() * 5000) + 'sixteen and more'.repeat(random() * 500),
  ];
  const made = (index: number): Buffer => Buffer.from(kinds[index % kinds.length]());

  test('gives what zlib deflated, whatever its settings, and says what it took', () => {
    const whole = createWholeInflater();
    for (let index = 0; index < 300; index++) {
      const data = made(index);
      const settings = {
        level: Math.floor(random() * 10),
        strategy: Math.floor(random() * 5),
        memLevel: 1 + Math.floor(random() * 9),
        windowBits: 9 + Math.floor(random() * 7),
      };
      const packed = deflateRawSync(data, settings);
      const found = whole.inflate(Buffer.concat([Buffer.from('xx'), packed, Buffer.from('behind it')]), 2);
      expect([found && Buffer.compare(found, data), whole.consumed], JSON.stringify(settings)).toEqual([
        0,
        packed.length,
      ]);
    }
  });

  test('takes of damaged streams those that zlib takes, for the same bytes', () => {
    const whole = createWholeInflater();
    for (let index = 0; index < 1000; index++) {
      const packed = Buffer.from(deflateRawSync(made(index).subarray(0, 2000), { level: 1 + (index % 9) }));
      for (let n = 0; n < 1 + (index % 3); n++)
        packed[Math.floor(random() * packed.length)] ^= 1 << (index % 8);
      const input = Buffer.concat([packed, Buffer.alloc(20)]);
      const found = whole.inflate(input, 0);
      let zlib: Buffer | undefined;
      try {
        zlib = inflateRawSync(input, { maxOutputLength: 1 << 20 });
      } catch {
        zlib = undefined;
      }
      expect([index, found && Buffer.from(found)]).toEqual([index, zlib]);
    }
  });

  test('gives up on what ends early or is longer than its memory, and reads on in a stretch that it holds', () => {
    const whole = createWholeInflater();
    const data = made(1);
    const packed = deflateRawSync(data);
    for (const cut of [0, 1, packed.length >> 1, packed.length - 1])
      expect(whole.inflate(Buffer.from(packed.subarray(0, cut)), 0)).toBeUndefined();
    expect(whole.inflate(deflateRawSync(Buffer.alloc((1 << 20) + 1)), 0)).toBeUndefined();
    expect(whole.inflate(deflateRawSync(Buffer.alloc(1 << 20, 'word ')), 0)).toHaveLength(1 << 20);
    // Streams in a row of more than a megabyte: one of them lies over the end of what was loaded.
    const noise = kinds[2]() as Buffer;
    const streams = Array.from({ length: 60 }, (_, at) => deflateRawSync(at % 2 ? data : noise));
    const row = Buffer.concat(streams);
    let at = 0;
    for (const [index] of streams.entries()) {
      expect(Buffer.compare(whole.inflate(row, at)!, index % 2 ? data : noise)).toBe(0);
      at += whole.consumed;
    }
  });
});
