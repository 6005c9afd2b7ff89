// Where a run's samples come from: a pure function of the step, so that a run resumes at any step exactly. Over shards
// the loader of libs/shards decides the order; step n of training (from 1) is step n − 1 of the loader.

import {
  openLoader,
  openTokens,
  traceStep,
  type Loader,
  type LoaderOptions,
  type TokenIndex,
  type TokenStore,
} from '@gristmill/shards';
import { createNextToken, type BatchArrays, type Objective } from '@gristmill/models';
import { loaderSettings, type DataSettings } from './data-settings.ts';
import type { RunSettings } from './setting-schema.ts';

/** Sequences in row-major order [rows, …]; a negative target is not trained on. */
export type Samples = BatchArrays;

/** A document that a batch sees (part of). */
export interface BatchDocument {
  readonly id: string;
  readonly source: string;
  readonly domain?: string;
  readonly language?: string;
}

export interface SampleSource {
  readonly vocabSize: number;
  readonly endOfText: number;
  /** Identity of the data: changes when any token or the order does. */
  readonly digest: string;
  readonly trainTokens: number;
  readonly validationTokens: number;
  /** The bytes of tokenizer.json. */
  readonly tokenizer?: Uint8Array;
  /** What the whole run takes from each component of the mixture, resolved before it begins. */
  readonly forecast: ReturnType<Loader['forecast']>;
  readonly sampleCounts: Loader['sampleCounts'];
  /** Why rows were left out so far (`onDamaged: skip`), by shard file. */
  readonly damage: Loader['damage'];
  /** The sequences of a step (from 1), micro-batch after micro-batch. */
  batch(step: number): Promise<Samples>;
  /** Ids of the documents that a step sees (part of), in the order of its rows. */
  documents(step: number): Promise<string[]>;
  /** The same documents with where they come from. */
  describeDocuments(step: number): Promise<BatchDocument[]>;
  /** Sequences of the validation split, one at a time, in its order. */
  validation(): AsyncIterable<Samples>;
  close(): Promise<void>;
}

export interface ShardSourceOptions extends DataSettings, Pick<LoaderOptions, 'sampleCounts'> {
  readonly shards: string | TokenStore;
  /** The pinned one. */
  readonly index: TokenIndex;
  readonly settings: RunSettings;
  /** Default: the next token. */
  readonly objective?: Objective;
}

/**
 * Opens shards under a pinned index.
 * @throws DataError when the place, its train split or a shard cannot be used
 */
export async function openShardSource(options: ShardSourceOptions): Promise<SampleSource> {
  const { shards, index, settings, sampleCounts, objective = createNextToken(settings), ...data } = options;
  const { documentBounds } = objective;
  const loader = await openLoader({
    ...{ shards, index, sampleCounts, documentBounds },
    ...loaderSettings(settings, data, objective),
  });
  const heldOut = await openHeldOut(options, objective);
  return {
    vocabSize: index.vocabSize,
    endOfText: index.endOfText,
    digest: loader.pin,
    trainTokens: index.splits.train?.tokens ?? 0,
    validationTokens: index.splits.validation?.tokens ?? 0,
    forecast: loader.forecast(settings.steps),
    sampleCounts: loader.sampleCounts,
    damage: loader.damage,
    tokenizer: index.tokenizer.file ? await (await openTokens(shards, { index })).tokenizer() : undefined,
    batch: async (step) => objective.build(await loader.batch(step - 1), { step }),
    async documents(step) {
      const rows = await traceStep(loader, step - 1);
      return [...new Set(rows.flatMap((row) => row?.documents.map(({ id }) => id) ?? []))];
    },
    describeDocuments: (step) => describeDocuments(loader, step),
    async *validation() {
      for (let step = 0; heldOut && step < heldOut.steps; step++)
        yield objective.build(await heldOut.batch(step), { step: 0, firstRow: step });
    },
    async close() {
      await loader.close();
      await heldOut?.close();
    },
  };
}

async function describeDocuments(loader: Loader, step: number): Promise<BatchDocument[]> {
  const described = new Map<string, BatchDocument>();
  for (const row of await traceStep(loader, step - 1)) {
    if (row === undefined) continue;
    const { domain, language } = await loader.internals.tokens.head(row.source.shard);
    const { source } = row.source.shard;
    for (const { id, shardRow } of row.documents)
      described.set(id, { id, source, domain: domain?.[shardRow], language: language?.[shardRow] });
  }
  return [...described.values()];
}

/** The validation split as it lies; undefined where there is none. */
async function openHeldOut({ shards, index, onDamaged }: ShardSourceOptions, objective: Objective) {
  if ((index.splits.validation?.tokens ?? 0) === 0) return undefined;
  const { sampleLength: sequenceLength, documentBounds, wholeDocuments } = objective;
  const whole = { split: 'validation', globalBatchSize: 1, shuffle: false, epochs: 1 };
  const packing = wholeDocuments ? 'best-fit' : undefined;
  return openLoader({ shards, index, sequenceLength, documentBounds, packing, onDamaged, ...whole });
}
