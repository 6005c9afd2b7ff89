// The engine's work as jobs that a worker pool runs by name: each opens the store and the stages by itself, from
// plain data. Reading them is reading what crosses a thread border.

import { join } from 'node:path';
import { DataError, type Artefacts, type JsonObject, type RowStage, type SourceKind } from '@gristmill/core';
import { locateFile, openStore, type Store, type StoreReference } from '@gristmill/storage';
import { createPool } from '@gristmill/workers';
import type { BodyOpener, Crawler, FetchedItem, FileShare, Importer } from './acquire-contract.ts';
import {
  acquirePart,
  seePart,
  type AcquirePartOutcome,
  type AcquirePartWork,
  type SeenPart,
} from './acquire-part.ts';
import { acquireRow } from './acquire-table.ts';
import type { BarrierStage } from './barrier-stage.ts';
import { runChain, type ChainOutcome, type ChainWork } from './chain-task.ts';
import { createMeter, type MeterCells } from './meter.ts';
import { runPhase, type PhaseWork } from './phase-task.ts';
import { readPins, type Lock } from './pins.ts';
import { createNameNotes } from './shared-names.ts';
import { createSpill } from './spill.ts';
import { loadCode, type StageLocation } from './steps.ts';
import { telling, type Told } from './told-changes.ts';

export interface JobEnvironment {
  readonly store: StoreReference;
  readonly lock: Lock;
  readonly meter: MeterCells;
}

const stores = new Map<string, Promise<Store>>();

function storeOf(reference: StoreReference): Promise<Store> {
  const name = JSON.stringify(reference);
  let store = stores.get(name);
  if (!store) stores.set(name, (store = openStore(reference)));
  return store;
}

export interface ChainCall extends JobEnvironment, Told {
  readonly work: ChainWork;
  /** In the order of `work.plans`. */
  readonly locations: readonly StageLocation[];
}

export const chainJob = () =>
  telling(
    async (call: ChainCall): Promise<ChainOutcome> =>
      runChain(
        await storeOf(call.store),
        call.work,
        (_plan, index) => createTransform(call.locations[index], call.lock),
        createMeter(call.meter),
      ),
    ({ markers }) => markers,
  );

/** A row-wise stage's transform with its pinned artefacts. */
export async function createTransform(location: StageLocation, lock: Lock) {
  const stage = await loadCode<RowStage>(location);
  return stage.create(location.options, await artefactsOf(stage, location.options, lock));
}

function artefactsOf(
  stage: { artefacts?(options: JsonObject): readonly string[] },
  options: JsonObject,
  lock: Lock,
): Promise<Artefacts> {
  return readPins(lock, stage.artefacts?.(options) ?? []);
}

export interface PhaseCall extends JobEnvironment, Told {
  readonly work: PhaseWork;
  readonly location: StageLocation;
}

export const phaseJob = () =>
  telling(
    async (call: PhaseCall) => {
      const stage = await loadCode<BarrierStage>(call.location);
      return runPhase(call.work, {
        store: await storeOf(call.store),
        stage,
        artefacts: await artefactsOf(stage, call.work.options, call.lock),
        pool: createPool(0),
        meter: createMeter(call.meter),
      });
    },
    ({ marker }) => [marker],
  );

export interface ImportCall extends Pick<JobEnvironment, 'meter'> {
  readonly source: { readonly name: string; readonly kind: SourceKind };
  readonly licence?: string;
  readonly location: StageLocation;
  /** Files to import below `root`, or the folder of a crawl. */
  readonly root: string;
  readonly files?: readonly string[];
  /** Of the only file: what is read of it. */
  readonly stretch?: JsonObject;
  readonly partitions: number;
  readonly spillFolder: string;
  readonly number: number;
}

export interface Imported {
  /** That got rows. */
  readonly partitions: readonly number[];
  /** Files without a single item; '' for a crawl that found nothing. */
  readonly barren: readonly string[];
  /** Scratch files with the names that a stretch gave. */
  readonly names?: readonly string[];
  /** The stretch does not stand by itself. */
  readonly isRefused?: boolean;
}

export const importJob =
  () =>
  async (call: ImportCall): Promise<Imported> => {
    const meter = createMeter(call.meter);
    const spill = createSpill(call.spillFolder, call.number, call.partitions);
    const barren = new Set(call.files ?? ['']);
    const names = createNameNotes();
    let isRefused = false;
    const share = call.stretch && {
      stretch: call.stretch,
      note: names.note,
      refuse: () => void (isRefused = true),
    };
    for await (const [item, file] of call.files ? importedItems(call, share) : crawledItems(call)) {
      spill.add(acquireRow(item, file, call.licence));
      barren.delete(file);
      await meter.add(1, item.bytes.length);
      if (isRefused) break;
    }
    const partitions = spill.close();
    const rest = share && { names: names.close(join(call.spillFolder, `names-${call.number}`)), isRefused };
    return { partitions, barren: [...barren], ...rest };
  };

export interface SplitCall extends Pick<ImportCall, 'source' | 'location' | 'root'> {
  readonly path: string;
}

export type Stretches = readonly JsonObject[] | undefined;

/** Some seconds of one thread's work. */
const stretchBytes = 64 << 20;

/** A large file's stretches; undefined where it is read in one piece. */
export const splitJob =
  () =>
  async ({ source, location, root, path }: SplitCall): Promise<Stretches> => {
    const importer = await loadCode<Importer>(location);
    try {
      return await importer.split?.(
        {
          ...{ source, path, options: location.options },
          location: locateFile(root, path),
        },
        stretchBytes,
      );
    } catch (error) {
      if (error instanceof DataError) throw error;
      // Whatever is wrong with it, reading it tells.
      return undefined;
    }
  };

async function* importedItems(
  call: ImportCall,
  share: FileShare | undefined,
): AsyncGenerator<[FetchedItem, string]> {
  const importer = await loadCode<Importer>(call.location);
  const { source, root, location } = call;
  for (const path of call.files!) {
    try {
      const own = { source, path, location: locateFile(root, path), options: location.options };
      const file = share ? { ...own, share } : own;
      for await (const item of importer.items(file)) yield [item, path];
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      throw new DataError(
        'import-failed',
        `${path} of source ${source.name} cannot be imported: ${(cause as Error).message}`,
        'correct the importer: a bad file is an item with a verdict',
        { cause },
      );
    }
  }
}

async function* crawledItems(call: ImportCall): AsyncGenerator<[FetchedItem, string]> {
  const crawler = await loadCode<Crawler>(call.location);
  const request = { source: call.source, options: call.location.options, folder: call.root };
  const opener = crawler.opens && (await loadCode<BodyOpener>(crawler.opens));
  for await (const item of crawler.items(request)) {
    if (!opener) yield [item, ''];
    else for await (const part of opener.open(item)) yield [part, ''];
  }
}

export interface AcquirePartCall extends Pick<JobEnvironment, 'store'>, Told {
  readonly work: AcquirePartWork;
}

export const acquirePartJob = () =>
  telling(
    async (call: AcquirePartCall): Promise<AcquirePartOutcome> =>
      acquirePart(await storeOf(call.store), call.work),
    ({ marker }) => [marker],
  );

export const seePartJob =
  () =>
  async (call: AcquirePartCall): Promise<SeenPart> =>
    seePart(await storeOf(call.store), call.work);
