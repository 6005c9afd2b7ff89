import { expect, test } from 'vitest';
import { crc32c, encodeEventRecord } from '../../apps/trainer/src/watch/event-record.ts';

test("checksums are CRC-32C, by RFC 3720's examples", () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
});

test('the first record of a file has the bytes that TensorBoard writes', () => {
  // Recorded from tensorboard 2.21.0: EventFileWriter's first record, with wall_time set to 1.
  const record = encodeEventRecord({ wallTime: 1, fileVersion: 'brain.Event:2' });
  expect(record.toString('hex')).toBe(
    '1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a',
  );
});
