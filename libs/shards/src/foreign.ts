// Files of other programs: tables that are read, texts that are written for them. Our own tables are in table.ts.

export { openArrow } from './arrow-rows.ts';
export { openParquet } from './parquet-rows.ts';
export { exportTexts, type ExportRow, type TextExportOptions } from './text-export.ts';
