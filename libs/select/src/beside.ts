// Reading a table beside another one: both are sorted by id.

import type { Row } from '@gristmill/core';
import type { PartReader } from '@gristmill/shards';

/** Asked for ids in ascending order, it gives the row of each that has one. */
export function beside(
  part: PartReader,
  columns: readonly string[],
): (id: string) => Promise<Row | undefined> {
  const rows = part.readRows(columns);
  let next: IteratorResult<Row> | undefined;
  return async (id) => {
    next ??= await rows.next();
    while (!next.done && next.value.id < id) next = await rows.next();
    return next.done || next.value.id !== id ? undefined : next.value;
  };
}
