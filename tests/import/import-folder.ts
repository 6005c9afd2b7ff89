// A temporary folder and an importer over the files put into it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonObject, RawItem, SourceKind } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { collect } from '../http/collect.ts';

export interface ImportFolder extends AsyncDisposable {
  readonly folder: string;
  /** Writes the file and imports it. */
  items(
    importer: Importer,
    path: string,
    bytes: Uint8Array | string,
    options?: JsonObject,
  ): Promise<RawItem[]>;
}

export async function createImportFolder(kind: SourceKind = 'book'): Promise<ImportFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-import-'));
  return {
    folder,
    async items(importer, path, bytes, options = {}) {
      const location = join(folder, path);
      await mkdir(dirname(location), { recursive: true });
      await writeFile(location, bytes);
      importer.check?.(options);
      return collect(importer.items({ source: { name: 'source', kind }, path, location, options }));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

export const textOf = ({ bytes }: RawItem): string => Buffer.from(bytes).toString();
export const reasonOf = ({ verdict }: RawItem): string | undefined => verdict?.reason;
