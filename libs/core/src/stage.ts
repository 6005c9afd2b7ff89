// What a stage is to the build engine. A row-wise stage maps one row to one row and knows nothing of files,
// threads or other stages; the engine decides which rows to compute and where.

import type { JsonObject } from './json.ts';
import type { OptionSchema } from './options.ts';
import type { Verdict } from './document.ts';

export type ColumnType = 'string' | 'int32' | 'float64' | 'boolean' | 'bytes' | 'json';

/** A column of a table. `id` (string) is in every table and is not listed. `optional` columns may be undefined. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly optional?: boolean;
}

/** 'json' columns hold any JSON value, kept as canonical JSON text in the file. */
export type Value = string | number | boolean | Uint8Array | JsonValue | undefined;
type JsonValue = null | readonly unknown[] | { readonly [key: string]: unknown };
export type Row = { readonly id: string; readonly [column: string]: Value };

/**
 * One row in, one row out, same id. An output row that carries `verdict` (a `Verdict`) ends the document: later
 * stages repeat it without computing. A throw other than DataError becomes the verdict `{stage, reason: 'failed'}`.
 */
export type RowTransform = (row: Row) => Row | Promise<Row>;

/** Bytes of the pinned artefacts that a stage asked for, by name. */
export type Artefacts = ReadonlyMap<string, Uint8Array>;

/** A row-wise stage: extract, clean, each column group of annotate. Exported by name and referenced by module. */
export interface RowStage<Options extends JsonObject = JsonObject> {
  readonly name: string;
  /** Raise when the output changes for the same input; a golden test guards it. */
  readonly version: number;
  /** Input columns it may read; only these enter its task id. */
  readonly reads: readonly string[];
  /** Output columns, without `id` and `verdict`, which every table has. */
  readonly columns: readonly Column[];
  /** npm packages whose version shapes the output. */
  readonly packages?: readonly string[];
  /** True when the stage uses Math beyond + − × ÷ sqrt: V8's version then enters its key. */
  readonly usesFloatMath?: boolean;
  /** What a recipe may say to it; the engine checks it before any work, `gristmill options` prints it. */
  readonly options?: OptionSchema;
  /** One sentence for the reference. */
  readonly description?: string;
  /** Names of the pinned artefacts it needs under these options. */
  artefacts?(options: Options): readonly string[];
  /** Throws DataError for a wrong option, before any work, where `options` does not say it all. */
  check?(options: Options): void;
  /** Throws DataError for a wrong option. Called once per thread. */
  create(options: Options, artefacts: Artefacts): RowTransform | Promise<RowTransform>;
}

/** How a recipe names a stage: by module, so that a worker can import it and a recipe can be hashed and stored. */
export interface StageReference {
  readonly module: string;
  readonly export: string;
  readonly options?: JsonObject;
}

/** Makes a verdict row of a table. */
export function verdictRow(id: string, verdict: Verdict): Row {
  return { id, verdict: { ...verdict } };
}
