// Reading a table beside another one, both sorted by key, as raw pages: nothing is made of rows that are passed over.

import { compareTexts, type PageBatch, type PartReader } from '@gristmill/shards';

/** Some consecutive rows of one batch. */
export interface RowRange {
  readonly pages: PageBatch['pages'];
  readonly from: number;
  readonly to: number;
}

export interface PageWalk {
  /** Asked for keys in ascending order, each once: the rows of that key, none where there is none. */
  rowsOf(keys: PageBatch['pages'], row: number): Promise<RowRange[]>;
}

export function walkPages(part: PartReader, key: string, columns: readonly string[]): PageWalk {
  const batches = part.pages(columns);
  let batch: PageBatch | undefined;
  let row = 0;
  let isOver = false;
  async function turn(): Promise<void> {
    const next = await batches.next();
    [batch, row, isOver] = [next.done ? undefined : next.value, 0, next.done === true];
  }
  return {
    async rowsOf(keys, at) {
      const found: RowRange[] = [];
      while (!isOver) {
        if (!batch || row === batch.rows) {
          await turn();
          continue;
        }
        const [own, wanted] = [batch.pages[key]!, keys[key]!];
        while (row < batch.rows && compareTexts(own, row, wanted, at) < 0) row++;
        const from = row;
        while (row < batch.rows && compareTexts(own, row, wanted, at) === 0) row++;
        if (row > from) found.push({ pages: batch.pages, from, to: row });
        if (row < batch.rows) break;
      }
      return found;
    },
  };
}
