// The columns of a token shard before it is an Arrow file, in about 40 bytes a document, and the Arrow table made of them.

import {
  type Data,
  type DataType,
  Dictionary,
  Field,
  FixedSizeBinary,
  Int32,
  List,
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { tokensVersion } from './token-index.ts';

export const shardFormat = `gristmill-token-shard ${tokensVersion}`;

/** What a shard keeps of a document besides its tokens. */
export interface DocumentFacts {
  readonly id: string;
  readonly language?: string;
  readonly domain?: string;
  readonly topic?: string;
  readonly quality?: number;
}

export const factColumns = ['language', 'domain', 'topic'] as const;

/** Strings by document, of which there are few different ones. */
class FewStrings {
  readonly names: string[] = [];
  /** Position in `names`, −1 for none. */
  readonly codes: Int32Array;
  private readonly numbers = new Map<string, number>();

  constructor(documents: number) {
    this.codes = new Int32Array(documents).fill(-1);
  }

  set(row: number, value: string): void {
    let code = this.numbers.get(value);
    if (code === undefined) {
      code = this.names.push(value) - 1;
      this.numbers.set(value, code);
    }
    this.codes[row] = code;
  }
}

export class ShardColumns {
  readonly documents: number;
  /** Documents + 1; with the end-of-text tokens. */
  readonly offsets: Int32Array;
  readonly ids: Uint8Array;
  private readonly strings: Readonly<Record<(typeof factColumns)[number], FewStrings>>;
  private readonly quality: Int32Array;
  private readonly hasQuality: Uint8Array;
  /** One byte a token, where any document has one. */
  private masks: Uint8Array | undefined;

  /** @param counts tokens of each document in the order of the shard, with end-of-text */
  constructor(counts: Iterable<number> & { readonly length: number }) {
    this.documents = counts.length;
    this.offsets = new Int32Array(counts.length + 1);
    let row = 0;
    for (const count of counts) this.offsets[row + 1] = this.offsets[row++] + count;
    this.ids = new Uint8Array(counts.length * 16);
    const strings = () => new FewStrings(counts.length);
    this.strings = { language: strings(), domain: strings(), topic: strings() };
    this.quality = new Int32Array(counts.length);
    this.hasQuality = new Uint8Array(counts.length);
  }

  get tokens(): number {
    return this.offsets[this.documents];
  }

  set(row: number, facts: Omit<DocumentFacts, 'id'>, lossMask?: Uint8Array): void {
    for (const name of factColumns) {
      const value = facts[name];
      if (value !== undefined) this.strings[name].set(row, value);
    }
    if (facts.quality !== undefined) {
      this.quality[row] = facts.quality;
      this.hasQuality[row] = 1;
    }
    if (lossMask !== undefined) this.setMask(row, lossMask);
  }

  setMask(row: number, lossMask: Uint8Array): void {
    this.masks ??= new Uint8Array(this.tokens).fill(1);
    this.masks.set(lossMask, this.offsets[row]);
  }

  /** @param tokens all of them, or as many zeros that nobody wrote to (see token-stream.ts) */
  table(tokens: Uint16Array | Uint32Array): Table {
    const columns: [string, Data][] = [['id', fixed(this.ids)]];
    factColumns.forEach((name, id) => {
      if (this.strings[name].names.length > 0) columns.push([name, dictionary(this.strings[name], id)]);
    });
    if (this.hasQuality.includes(1)) columns.push(['quality', this.qualityColumn()]);
    if (this.masks) columns.push(['lossMask', list(this.masks, this.offsets)]);
    columns.push(['tokens', list(tokens, this.offsets)]);
    const schema = new Schema(
      columns.map(([name, data]) => new Field(name, data.type as DataType, data.nullCount > 0)),
      new Map([['format', shardFormat]]),
    );
    const children = columns.map(([, data]) => data);
    const type = new Struct(schema.fields);
    const struct = makeData({ type, length: this.documents, nullCount: 0, children });
    return new Table(schema, [new RecordBatch(schema, struct as Data<Struct>)]);
  }

  private qualityColumn(): Data {
    const { length } = this.quality;
    const nulls = validity(length, (row) => this.hasQuality[row] === 1);
    return makeData({ type: new Int32(), length, ...nulls, data: this.quality });
  }
}

function fixed(data: Uint8Array): Data {
  return makeData({ type: new FixedSizeBinary(16), length: data.length / 16, nullCount: 0, data });
}

/** Names sorted. */
function dictionary({ names, codes }: FewStrings, id: number): Data {
  const sorted = [...names].sort();
  const places = new Map(sorted.map((name, place) => [name, place]));
  const placeOf = Int32Array.from(names, (name) => places.get(name)!);
  const encoded = sorted.map((name) => new TextEncoder().encode(name));
  const valueOffsets = new Int32Array(names.length + 1);
  encoded.forEach((bytes, i) => (valueOffsets[i + 1] = valueOffsets[i] + bytes.length));
  const data = Buffer.concat(encoded);
  const strings = makeData({ type: new Utf8(), length: names.length, nullCount: 0, valueOffsets, data });
  return makeData({
    type: new Dictionary(new Utf8(), new Int32(), id),
    length: codes.length,
    ...validity(codes.length, (row) => codes[row] >= 0),
    data: codes.map((code) => (code < 0 ? 0 : placeOf[code])),
    dictionary: makeVector(strings),
  });
}

function validity(
  rows: number,
  isGiven: (row: number) => boolean,
): { nullCount: number; nullBitmap?: Uint8Array } {
  let given = 0;
  const nullBitmap = new Uint8Array(Math.ceil(rows / 64) * 8);
  for (let row = 0; row < rows; row++) {
    if (!isGiven(row)) continue;
    nullBitmap[row >> 3] |= 1 << (row & 7);
    given++;
  }
  return given === rows ? { nullCount: 0 } : { nullCount: rows - given, nullBitmap };
}

function list(values: Uint8Array | Uint16Array | Uint32Array, valueOffsets: Int32Array): Data {
  const type =
    values instanceof Uint8Array ? new Uint8() : values instanceof Uint16Array ? new Uint16() : new Uint32();
  const child = makeData({
    type,
    length: values.length,
    nullCount: 0,
    data: values as Uint32Array,
  } as never) as Data;
  const field = new List(new Field('item', type as DataType, false));
  return makeData({ type: field, length: valueOffsets.length - 1, nullCount: 0, valueOffsets, child });
}
