export type { Batch, Change, PartReader, TableDefinition, TableReader, TableWriter } from './table.ts';
