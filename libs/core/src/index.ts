export type { Document, Metadata, RawItem, Source, SourceKind, Verdict } from './document.ts';
export type {
  Artefacts,
  Column,
  ColumnType,
  Row,
  RowStage,
  RowTransform,
  StageReference,
  Value,
} from './stage.ts';
export { verdictRow } from './stage.ts';
export { DataError, describeError, exitCode } from './data-error.ts';
export { documentId, hashJson, sha256 } from './hash.ts';
export { canonicalJson, type Json, type JsonObject } from './json.ts';
export { createRandom, shuffle } from './random.ts';
export { readLines } from './byte-lines.ts';
export { forEachEqual, type HashRow, type HashSource } from './equal-hashes.ts';
export { orderByHash, type Hashed } from './order-by-hash.ts';
export { effectiveNumber } from './effective-number.ts';
