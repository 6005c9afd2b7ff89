// parquetjs-lite brings no types: the little of it that Gristmill uses.
declare module 'parquetjs-lite' {
  class ParquetSchema {
    constructor(fields: Record<string, { type: 'UTF8'; compression: 'SNAPPY'; optional: boolean }>);
  }
  interface ParquetWriter {
    setRowGroupSize(rows: number): void;
    appendRow(row: Record<string, unknown>): Promise<void>;
    close(): Promise<void>;
  }
  interface ParquetWriterClass {
    openFile(schema: ParquetSchema, file: string): Promise<ParquetWriter>;
  }
  const parquet: { ParquetSchema: typeof ParquetSchema; ParquetWriter: ParquetWriterClass };
  export default parquet;
}
