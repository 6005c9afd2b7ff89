// Tokens for other trainers, in the formats that their own readers open: see the file of each. A split is written in
// the order of its shards. Documents end with the end-of-text token, as in our shards, unless the format says otherwise.

import { DataError, suggestName } from '@gristmill/core';
import { openDiskStore, type Store } from '@gristmill/storage';
import { exportLlmC, exportNanoGpt } from './export-binary.ts';
import { exportDatasets } from './export-datasets.ts';
import { exportMds } from './export-mds.ts';
import { exportMegatron } from './export-megatron.ts';
import { exportParquetIds } from './export-parquet-ids.ts';
import type { Tokens } from './token-reader.ts';

export interface ExportedFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly bytes: number;
}

/** Writes one file of an export; chunks may be reused once taken. */
export type PutFile = (path: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;
export type TokenExporter = (tokens: Tokens, put: PutFile) => Promise<void>;

const exporters: Readonly<Record<string, TokenExporter>> = {
  megatron: exportMegatron,
  nanogpt: exportNanoGpt,
  'llm.c': exportLlmC,
  mds: exportMds,
  'hf-datasets': exportDatasets,
  'parquet-ids': exportParquetIds,
};
export const tokenFormats = Object.keys(exporters);

/**
 * @param place a folder, which must not hold an export yet unless `force` says that it is to be replaced
 * @throws DataError `export-format`, `export-exists`, `export-vocabulary`
 */
export async function exportTokens(
  tokens: Tokens,
  format: string,
  place: string | Store,
  { force = false } = {},
): Promise<ExportedFile[]> {
  const exporter = exporters[format];
  if (exporter === undefined) {
    throw new DataError(
      'export-format',
      `there is no token format ${format}`,
      suggestName(format, tokenFormats, `use ${tokenFormats.join(', ')}`),
    );
  }
  const store = typeof place === 'string' ? openDiskStore({ root: place }) : place;
  const files: ExportedFile[] = [];
  await exporter(tokens, async (path, chunks) => {
    if (force) await store.remove(path);
    else if (await store.stat(path)) throw alreadyThere(path, store.location);
    const writer = await store.writer(path);
    try {
      for await (const chunk of chunks) await writer.write(chunk);
      const { bytes, created } = await writer.commit();
      if (!created) throw alreadyThere(path, store.location);
      files.push({ path, bytes });
    } catch (error) {
      await writer.abort();
      throw error;
    }
  });
  return files;
}

export function alreadyThere(path: string, location: string): DataError {
  return new DataError(
    'export-exists',
    `${path} exists in ${location}`,
    'give an empty folder by --out, or --force to replace what is there',
  );
}
