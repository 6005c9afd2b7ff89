// Texts for other tools, as JSON lines or Parquet: one file, or several of a bounded size. Files get their names when all
// are whole; what stands there is replaced only when asked to.

import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alreadyThere, type ExportedFile } from './export-tokens.ts';
import { openLineFile } from './line-file.ts';
import { openParquetFile, unwritable, type ExportColumn } from './parquet-file.ts';

export type ExportRow = Readonly<Record<string, unknown>>;

export interface ExportFile {
  /** Whether the row can be written so that the file has at most `most` bytes. */
  fits(row: ExportRow, most: number): Promise<boolean>;
  write(row: ExportRow): Promise<void>;
  /** Gives the bytes of the file. */
  close(): Promise<number>;
  abort(): Promise<void>;
}

export interface TextExportOptions {
  readonly format: 'jsonl' | 'parquet';
  /** Of Parquet, in order. */
  readonly columns: readonly ExportColumn[];
  /** Absent: plain lines, or Parquet with snappy. */
  readonly compress?: 'gzip' | 'zstd';
  /** Bytes of a file at most, but for a file of one row. Absent: one file. */
  readonly maxFileSize?: number;
  /** Replaces an export of this format that stands there. */
  readonly force?: boolean;
}

const endings = { gzip: '.gz', zstd: '.zst' } as const;

/**
 * Writes rows to `documents.jsonl`, or `documents-00000.jsonl` and so on where a size is given.
 * @throws DataError `export-exists`, `not-writable`
 */
export async function exportTexts(
  folder: string,
  rows: AsyncIterable<ExportRow>,
  options: TextExportOptions,
): Promise<ExportedFile[]> {
  const { format, maxFileSize, force } = options;
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
  const standing = await findStanding(folder, format);
  if (standing.length > 0 && !force) throw alreadyThere(standing[0], folder);
  const files = new ExportFiles(folder, options);
  try {
    let file = await files.begin();
    let inFile = 0;
    for await (const row of rows) {
      if (maxFileSize !== undefined && inFile > 0 && !(await file.fits(row, maxFileSize))) {
        file = await files.begin();
        inFile = 0;
      }
      await file.write(row);
      inFile++;
    }
    return await files.finish(standing);
  } catch (error) {
    await files.abort();
    throw error;
  }
}

/** The files of an export, under other names until all are whole. */
class ExportFiles {
  private readonly folder: string;
  private readonly options: TextExportOptions;
  private readonly done: ExportedFile[] = [];
  private open: { readonly file: ExportFile; readonly path: string } | undefined;

  constructor(folder: string, options: TextExportOptions) {
    this.folder = folder;
    this.options = options;
  }

  /** Ends the file before. */
  async begin(): Promise<ExportFile> {
    await this.end();
    const { format, compress, maxFileSize, columns } = this.options;
    const number = maxFileSize === undefined ? '' : `-${String(this.done.length).padStart(5, '0')}`;
    const ending = format === 'jsonl' && compress !== undefined ? endings[compress] : '';
    const path = `documents${number}.${format}${ending}`;
    const at = this.temporary(path);
    const file =
      format === 'jsonl' ? openLineFile(at, compress) : await openParquetFile(at, columns, { compress });
    this.open = { file, path };
    return file;
  }

  private async end(): Promise<void> {
    if (!this.open) return;
    const { file, path } = this.open;
    const bytes = await file.close();
    this.done.push({ path, bytes });
    this.open = undefined;
  }

  async finish(standing: readonly string[]): Promise<ExportedFile[]> {
    await this.end();
    for (const name of standing) await rm(join(this.folder, name));
    for (const { path } of this.done) await rename(this.temporary(path), join(this.folder, path));
    return this.done;
  }

  async abort(): Promise<void> {
    await this.open?.file.abort();
    const paths = [...this.done.map(({ path }) => path), ...(this.open ? [this.open.path] : [])];
    for (const path of paths) await rm(this.temporary(path), { force: true });
  }

  private temporary(path: string): string {
    return join(this.folder, `.${path}.partial`);
  }
}

async function findStanding(folder: string, format: string): Promise<string[]> {
  const pattern = new RegExp(`^documents(?:-\\d+)?\\.${format}(?:\\.gz|\\.zst)?$`);
  return (await readdir(folder)).filter((name) => pattern.test(name)).sort();
}
