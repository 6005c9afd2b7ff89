// The hashes of one column of a table as a source for `forEachEqual`, and marks of them as rows of another table.

import type { HashSource } from '@gristmill/core';
import type { TableReader } from '@gristmill/shards';

/** Owners are documents in the order of ids; `starts[document]` is the number of its first hash, with the total at the end. */
export type TableHashes = HashSource & { readonly starts: Uint32Array };

export async function openHashes(table: TableReader, column: string): Promise<TableHashes> {
  let owner = 0;
  const starts = new Uint32Array(table.parts.reduce((sum, part) => sum + part.rows, 0) + 1);
  async function* rows() {
    let document = 0;
    for (const part of table.parts)
      for await (const { columns } of part.batches([column]))
        for (const value of columns[column]) yield { owner: document++, hashes: value as Uint8Array };
  }
  for await (const { hashes } of rows()) starts[owner + 1] = starts[owner++] + hashes.length / 8;
  return { total: starts[owner], starts, rows };
}
