export type { Batch, Change, PartReader, TableDefinition, TableReader, TableWriter } from './table.ts';
export {
  columnDigests,
  damagedPart,
  type FooterGroup,
  type PartEntry,
  type PartFooter,
} from './part-footer.ts';
export { batchRows, openPart, type StoredPart } from './part-reader.ts';
export { createPartWriter, toBatch, type PartWriter, type StoredGroup } from './part-writer.ts';
export { groupSpans, rowHash, sameColumns, type GroupSpan } from './part-changes.ts';
export {
  cutGroups,
  createGroupCutter,
  isUnder,
  mergeGroups,
  overlap,
  type GroupBorders,
} from './row-groups.ts';
export { emptyPart, openTable, partitionOf, tableOf } from './table-reader.ts';
