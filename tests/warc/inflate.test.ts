// The inflater drives a handle of Node's that is not documented: these tests say whether this Node still has it.
import { constants, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { createInflater, type Inflater } from '../../libs/warc/src/inflate.ts';

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
