// Writes Parquet for other tools, by parquetjs-lite: snappy and PLAIN, which every reader opens.

import { DataError } from '@gristmill/core';

export interface ExportWriter {
  write(row: Readonly<Record<string, string | undefined>>): Promise<void>;
  close(): Promise<void>;
}

/** @param columns string columns, in order; those of `optional` may be absent */
export async function createParquetExport(
  file: string,
  columns: readonly string[],
  optional: readonly string[],
): Promise<ExportWriter> {
  // Loaded when it is used: only exports need it.
  const { ParquetSchema, ParquetWriter } = (await import('parquetjs-lite')).default;
  const fields = columns.map((name) => [
    name,
    { type: 'UTF8' as const, compression: 'SNAPPY' as const, optional: optional.includes(name) },
  ]);
  const schema = new ParquetSchema(Object.fromEntries(fields));
  const writer = await ParquetWriter.openFile(schema, file).catch((cause: unknown) => {
    throw new DataError('not-writable', `${file} cannot be written`, 'check the folder', { cause });
  });
  writer.setRowGroupSize(1000);
  return {
    async write(row) {
      const present = Object.entries(row).filter(([, value]) => value !== undefined);
      await writer.appendRow(Object.fromEntries(present));
    },
    close: () => writer.close(),
  };
}
