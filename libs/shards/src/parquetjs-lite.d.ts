// parquetjs-lite brings no types: the little of it that Gristmill uses.
declare module 'parquetjs-lite' {
  import type { Writable } from 'node:stream';

  interface Leaf {
    readonly type: 'UTF8' | 'INT32' | 'DOUBLE' | 'BOOLEAN' | 'BYTE_ARRAY';
    readonly compression: string;
    readonly optional: boolean;
    readonly statistics?: boolean;
  }
  type Field = Leaf | { readonly optional: boolean; readonly fields: Record<string, Leaf> };
  class ParquetSchema {
    constructor(fields: Record<string, Field>);
  }
  interface ParquetWriter {
    setRowGroupSize(rows: number): void;
    appendRow(row: Record<string, unknown>): Promise<void>;
    close(): Promise<void>;
  }
  interface ParquetWriterClass {
    openFile(schema: ParquetSchema, file: string): Promise<ParquetWriter>;
    openStream(
      schema: ParquetSchema,
      output: Writable,
      options?: { readonly pageIndex?: boolean },
    ): Promise<ParquetWriter>;
  }
  const parquet: { ParquetSchema: typeof ParquetSchema; ParquetWriter: ParquetWriterClass };
  export default parquet;
}

declare module 'parquetjs-lite/lib/compression.js' {
  interface Codec {
    deflate(bytes: Uint8Array): Uint8Array;
    inflate(bytes: Uint8Array): Uint8Array;
  }
  const compression: { readonly PARQUET_COMPRESSION_METHODS: Record<string, Codec> };
  export default compression;
}
