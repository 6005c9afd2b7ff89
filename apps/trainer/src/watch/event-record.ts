// TensorBoard's event files: TFRecords (length, masked CRC of the length, bytes, masked CRC of the bytes) of protobuf
// messages `Event`, of which only the few fields that scalars, histograms and texts need are written.
// https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/{event,summary}.proto

/** Counts of values by bucket, as HistogramProto has them. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper ends, ascending, one a bucket. */
  readonly limits: readonly number[];
  readonly counts: ArrayLike<number>;
}

export type SummaryValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: Histogram }
  | { readonly tag: string; readonly text: string };

export interface TrainingEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  /** `brain.Event:2`, the first event of a file. */
  readonly fileVersion?: string;
  /** Says that what an earlier file has from this step on was done again. */
  readonly isStart?: boolean;
  readonly values?: readonly SummaryValue[];
}

/** One event as a TFRecord. */
export function encodeEventRecord(event: TrainingEvent): Buffer {
  const data = encodeEvent(event);
  const record = Buffer.alloc(16 + data.length);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  data.copy(record, 12);
  record.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return record;
}

function encodeEvent({ wallTime, step, fileVersion, isStart, values }: TrainingEvent): Buffer {
  return message(
    double(1, wallTime),
    step === undefined ? empty : varint(2, step),
    fileVersion === undefined ? empty : bytes(3, Buffer.from(fileVersion)),
    values === undefined ? empty : bytes(5, message(...values.map((value) => bytes(1, encodeValue(value))))),
    isStart ? bytes(7, varint(1, 1)) : empty, // SessionLog.START
  );
}

function encodeValue(value: SummaryValue): Buffer {
  const tag = bytes(1, Buffer.from(value.tag));
  if ('scalar' in value) return message(tag, float(2, value.scalar));
  if ('histogram' in value) return message(tag, bytes(5, encodeHistogram(value.histogram)));
  return message(tag, bytes(8, encodeText(value.text)), bytes(9, textMetadata));
}

function encodeHistogram({ min, max, count, sum, sumSquares, limits, counts }: Histogram): Buffer {
  return message(
    ...[min, max, count, sum, sumSquares].map((value, i) => double(i + 1, value)),
    bytes(6, packDoubles(limits)),
    bytes(7, packDoubles(counts)),
  );
}

/** TensorProto: one string. */
function encodeText(text: string): Buffer {
  const shape = bytes(2, varint(1, 1)); // one dimension of size 1
  return message(varint(1, 7), bytes(2, shape), bytes(8, Buffer.from(text)));
}

/** SummaryMetadata.plugin_data.plugin_name */
const textMetadata = bytes(1, bytes(1, Buffer.from('text')));

const empty = Buffer.alloc(0);

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function varint(field: number, value: number): Buffer {
  return Buffer.concat([varintBytes(field << 3), varintBytes(value)]);
}

function double(field: number, value: number): Buffer {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(value);
  return Buffer.concat([varintBytes((field << 3) | 1), data]);
}

function float(field: number, value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return Buffer.concat([varintBytes((field << 3) | 5), data]);
}

function bytes(field: number, data: Buffer): Buffer {
  return Buffer.concat([varintBytes((field << 3) | 2), varintBytes(data.length), data]);
}

function packDoubles(values: ArrayLike<number>): Buffer {
  const data = Buffer.alloc(8 * values.length);
  for (let i = 0; i < values.length; i++) data.writeDoubleLE(values[i], 8 * i);
  return data;
}

/** @param value a safe integer, 0 or more */
function varintBytes(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest]);
    out.push((rest % 128) | 128);
  }
}

/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), rotated and offset as TFRecords have it. */
function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** @example crc32c(Buffer.from('123456789')) // 0xe3069283 */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
