export type {
  Batch,
  Change,
  PartPatch,
  PartReader,
  TableDefinition,
  TableReader,
  TableWriter,
} from './table.ts';
export { damagedPart, sumCounts, type Counts, type PartEntry, type PartFooter } from './part-footer.ts';
export { batchRows, openPart, type StoredPart } from './part-reader.ts';
export { createPartWriter, toBatch, type PartWriter, type Segment, type StoredGroup } from './part-writer.ts';
export { groupSpans, sameColumns, type GroupSpan } from './part-changes.ts';
export { createGroupCutter, cutGroups, groupsAround, isUnder, mergeGroups, sideOf } from './row-groups.ts';
export { emptyPart, openTable, partitionOf, tableOf } from './table-reader.ts';
export { createParquetExport, type ExportWriter } from './table-export.ts';
export { awaitShards, idAt, openTokens, readIndex, type Tokens, type TokenStore } from './token-reader.ts';
export { formatContamination, writeTokenShards, type NewDocument } from './token-writer.ts';
export { encodeShard, type TokenDocument } from './token-shard.ts';
export { ShardColumns, streamShard } from './token-stream.ts';
export { buildIndex, formatIndex, indexDigest, parseIndex, tokenTypeOf } from './token-index.ts';
export type { ShardEntry, TokenIndex, TokenType } from './token-index.ts';
export { orderHash, planOrdered, planShards, type ShardPlan } from './token-plan.ts';
export { openLoader, type Loader, type LoaderOptions, type TokenBatch } from './loader.ts';
export { readContamination } from './token-contamination.ts';
export type { Mixture, MixtureComponent } from './loader-mixture.ts';
export { findDocument, traceDocument, traceStep, type DocumentStep } from './loader-lineage.ts';
export { exportTokens, tokenFormats, type ExportedFile } from './export-tokens.ts';
