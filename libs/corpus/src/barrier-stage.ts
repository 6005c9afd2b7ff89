// What a stage over the whole data set (dedup, select, pack) is to the engine: a list of phases. A phase is a
// function per partition, or one over all partitions; the engine gives each task an id over what it declared to read,
// skips it when its marker stands, runs it on any thread or machine, and names what it wrote. A stage knows no rank.
// `TrainingStage` makes a pinned artefact (a tokenizer). Neither opens files by itself.

import type { Artefacts, JsonObject, OptionSchema } from '@gristmill/core';
import type { TableDefinition, TableReader, TableWriter } from '@gristmill/shards';
import type { WorkerPool } from '@gristmill/workers';
import type { Scratch } from './scratch.ts';
import type { TrainingFile } from './training-files.ts';

/** A table, or some columns of the row-wise steps before this stage, under the name by which the phase asks for it. */
export interface PhaseInput {
  readonly name: string;
  /**
   * Without `table`: columns of earlier row-wise steps, joined by id. `text` = the nearest earlier step that writes
   * `text`; `extract.language` = that step's; `verdict` = the first verdict in the order of steps. Every row-wise step
   * has one row for every acquired document, so a join loses none.
   */
  readonly columns: readonly string[];
  /** A table of an earlier phase of this stage (`edges`) or of an earlier stage (`dedup/edges`). */
  readonly table?: string;
  /** `same`: only the part of the task's own partition. `all`: every part (the only choice for a `whole` phase). */
  readonly parts: 'same' | 'all';
  /** Columns or tables that the recipe lacks are undefined or empty, instead of a DataError. */
  readonly optional?: boolean;
}

export interface Phase<Options extends JsonObject = JsonObject> {
  readonly name: string;
  /** One task a partition, or one for the whole data set (its heavy loops belong on `task.pool`). */
  readonly over: 'partition' | 'whole';
  /** Only what is listed may be read, and only these columns' digests enter the task id. */
  inputs(options: Options): readonly PhaseInput[];
  /** The options that shape what it writes, where that is not all of them: others may change without its being run again. */
  shapedBy?(options: Options): JsonObject;
  /** Tables it writes. A `partition` task writes its own part of each, a `whole` task any part. */
  readonly tables: readonly TableDefinition[];
  /** Output must be a function of inputs, options, artefacts and partition alone, whatever `previous` offers. */
  run(task: PhaseTask<Options>): Promise<void>;
}

export interface BarrierStage<Options extends JsonObject = JsonObject> {
  readonly name: string;
  /** Raise when the output changes for the same input; a golden test guards it. */
  readonly version: number;
  /** npm packages whose version shapes the output. */
  readonly packages?: readonly string[];
  /** True when it uses Math beyond + − × ÷ sqrt. */
  readonly usesFloatMath?: boolean;
  /** What a recipe may say to it, for the reference; `check` is what refuses. */
  readonly options?: OptionSchema;
  /** One sentence for the reference. */
  readonly description?: string;
  /** Names of the pinned artefacts it needs. */
  artefacts?(options: Options): readonly string[];
  /** Throws DataError for a wrong option, before any work. */
  check?(options: Options): void;
  readonly phases: readonly Phase<Options>[];
}

/** What the previous build's task of the same phase, partition and stage key read and wrote: material for patching. */
export interface PreviousTask {
  input(name: string): TableReader;
  output(table: string): TableReader;
  /** Plain files that it wrote (by name, as given to `writeFile`), still there. */
  readonly files: readonly OutputFile[];
  /** The whole file, or `length` bytes from `offset`; `room` as in `Store.read`. */
  readFile(name: string, offset?: number, length?: number, room?: Uint8Array): Promise<Uint8Array>;
  /** What it counted, but for reused and computed. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface OutputFile {
  /** As given to `writeFile`, below the folder `tokens/<key>/` of a stage (see `PhaseTask.folder`). */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface PhaseTask<Options extends JsonObject = JsonObject> {
  readonly options: Options;
  readonly partitions: number;
  /** Undefined in a `whole` phase. */
  readonly partition: number | undefined;
  /** The stage key (12 hex digits): hash of name, version, options, artefacts, versions. */
  readonly key: string;
  readonly artefacts: Artefacts;
  readonly pool: WorkerPool;
  input(name: string): TableReader;
  readonly previous: PreviousTask | undefined;
  /** Opens a part for writing; the engine closes and commits it. A part that is not opened is empty. */
  write(table: string, partition?: number): Promise<TableWriter>;
  /** Where plain files of this stage lie, relative to the corpus: `tokens/<key>`. */
  readonly folder: string;
  /** Writes `tokens/<key>/<name>`, never overwritten: put a digest into the name. Chunks are written as they come. */
  writeFile(name: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<OutputFile>;
  /** Keeps a file of the previous task as it is (no copy). */
  keepFile(file: OutputFile): void;
  /** A file whose name stays while its content changes (`index.json`); put in place when the build is complete. */
  replaceFile(name: string, bytes: Uint8Array | string): Promise<void>;
  /** Scratch on this machine's disk for what the task cannot hold; gone when the task ends. */
  readonly scratch: Scratch;
  /** For the progress line: documents and bytes done since the last call. Also the point where a stop takes effect. */
  progress(documents: number, bytes?: number): Promise<void>;
  /** Adds to a count that the funnel prints and the marker keeps: documents, tokens, drops by reason (`drop.reason`), reused, computed. */
  count(name: string, amount: number): void;
}

/** Learns an artefact from the data set, when nothing is pinned under `artefact` or on `--retrain`. */
export interface TrainingStage<Options extends JsonObject = JsonObject> {
  readonly name: string;
  readonly version: number;
  readonly packages?: readonly string[];
  readonly usesFloatMath?: boolean;
  /** The name under which other stages ask for the bytes, and of its entry in the lock; a function where the recipe chooses it. */
  readonly artefact: string | ((options: Options) => string);
  /** What a recipe may say to it, for the reference; `check` is what refuses. */
  readonly options?: OptionSchema;
  /** One sentence for the reference. */
  readonly description?: string;
  check?(options: Options): void;
  inputs(options: Options): readonly PhaseInput[];
  /** Files and folders that it learns from, relative to the recipe. */
  files?(options: Options): readonly string[];
  train(task: TrainingTask<Options>): Promise<Uint8Array>;
}

export type TrainingTask<Options extends JsonObject = JsonObject> = Pick<
  PhaseTask<Options>,
  'options' | 'partitions' | 'pool' | 'input' | 'progress' | 'count'
> & {
  /** What `files` names, folders walked, sorted by path. */
  readonly files: readonly TrainingFile[];
};

export function artefactOf({ artefact }: Pick<TrainingStage, 'artefact'>, options: JsonObject): string {
  return typeof artefact === 'string' ? artefact : artefact(options);
}

export type { TrainingFile };
