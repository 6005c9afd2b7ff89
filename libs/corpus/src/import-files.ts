// Files of the sources that moved, imported by the threads: small ones many at once, a large one by stretches where its
// importer knows how. A name that two stretches of a file have, or a stretch that does not stand by itself, costs a second
// reading of that file in one piece, so the items are those of one thread whatever was split.

import type { Barren, SourceLook } from './acquire.ts';
import type { BuildRun } from './build-run.ts';
import type { ImportCall, Imported, SplitCall, Stretches } from './jobs.ts';
import { stopped, isStopRequested } from './meter.ts';
import { haveCommonName } from './shared-names.ts';
import type { FileStates } from './source-files.ts';
import { spillFile } from './spill.ts';

/** Files, and bytes of them, that one job imports: a large file is a job by itself. */
const batchFiles = 64;
const batchBytes = 32 << 20;
/** Longer files are split, or a tenth of that where they are compressed. */
const splitBytes = 96 << 20;

interface Plan {
  readonly spillFolder: string;
  readonly barren: Barren;
}

type Call = Omit<ImportCall, 'number'>;

/** @returns partition → the scratch files that hold its rows */
export async function importFiles(
  run: BuildRun,
  looks: readonly SourceLook[],
  { spillFolder, barren }: Plan,
): Promise<Map<number, string[]>> {
  const calls: Call[] = [];
  for (const look of looks) calls.push(...(await importCalls(run, look, spillFolder)));
  const spills = new Map<number, string[]>();
  const taken = { spillFolder, barren, spills, first: 0 };
  const whole = await runCalls(run, calls, taken);
  // Stretches that came to nothing left numbers that no spill is read by.
  if (whole.length > 0) await runCalls(run, whole, { ...taken, first: calls.length });
  return spills;
}

/** @returns files that are read again, in one piece */
async function runCalls(
  run: BuildRun,
  calls: readonly Call[],
  { spillFolder, barren, spills, first }: Plan & { spills: Map<number, string[]>; first: number },
): Promise<Call[]> {
  const job = { module: new URL('./jobs.ts', import.meta.url).href, export: 'importJob' };
  const numbered = calls.map((call, index) => ({ ...call, number: first + index }));
  const shared = new Map<string, { call: Call; numbers: number[]; outcomes: Imported[] }>();
  const take = (number: number, { partitions }: Imported): void => {
    for (const partition of partitions)
      spills.set(partition, [...(spills.get(partition) ?? []), spillFile(spillFolder, partition, number)]);
  };
  let number = first;
  run.progress.begin('import', calls.length, 'pieces');
  for await (const outcome of run.pool.map<ImportCall, Imported>(job, numbered, {
    // What comes back is small: no result waits behind a large file.
    inFlight: Math.max(1, calls.length),
  })) {
    const call = calls[number - first];
    const key = JSON.stringify([call.source.name, call.files]);
    const others = shared.get(key) ?? { call, numbers: [], outcomes: [] };
    if (call.stretch === undefined) {
      take(number, outcome);
      for (const file of outcome.barren) barren.get(call.source.name)!.add(file);
    } else {
      shared.set(key, others);
      others.numbers.push(number);
      others.outcomes.push(outcome);
    }
    run.progress.advance(1);
    number++;
    if (isStopRequested(run.meter)) throw stopped();
  }
  run.progress.end();
  const again: Call[] = [];
  for (const { call, numbers, outcomes } of shared.values()) {
    const isRefused = outcomes.some(({ isRefused: own }) => own);
    if (isRefused || haveCommonName(outcomes.flatMap(({ names }) => names ?? []))) {
      const { stretch: _, ...rest } = call;
      again.push(rest);
    } else {
      outcomes.forEach((outcome, index) => take(numbers[index], outcome));
      const isBarren = outcomes.every(({ barren: own }) => own.length > 0);
      if (isBarren) for (const file of call.files!) barren.get(call.source.name)!.add(file);
    }
  }
  return again;
}

async function importCalls(run: BuildRun, look: SourceLook, spillFolder: string): Promise<Call[]> {
  const { source, location, root, changes } = look;
  if (changes.changed.length === 0) return [];
  const call = {
    meter: run.meter,
    source: { name: source.name, kind: source.kind },
    licence: source.licence,
    location,
    root,
    partitions: run.recipe.partitions,
    spillFolder,
  };
  if (source.crawl) return [call];
  const stretches = await splitFiles(run, look);
  const rest = changes.changed.filter((path) => !stretches.has(path));
  return [
    ...[...stretches].flatMap(([path, own]) => own.map((stretch) => ({ ...call, files: [path], stretch }))),
    ...fileBatches(rest, look.files).map((files) => ({ ...call, files })),
  ];
}

const bytesOf = (state: string): number => parseInt(state, 10) || 0;

/** Large files → their stretches. */
async function splitFiles(
  run: BuildRun,
  { source, location, root, files, changes }: SourceLook,
): Promise<Map<string, NonNullable<Stretches>>> {
  const isLarge = (path: string): boolean =>
    bytesOf(files[path]) > (/\.(?:bz2|gz|zst|parquet)$/i.test(path) ? splitBytes / 6 : splitBytes);
  const large = changes.changed.filter(isLarge);
  const found = new Map<string, NonNullable<Stretches>>();
  if (large.length === 0) return found;
  const job = { module: new URL('./jobs.ts', import.meta.url).href, export: 'splitJob' };
  const calls = large.map((path) => ({
    source: { name: source.name, kind: source.kind },
    location,
    root,
    path,
  }));
  let index = 0;
  for await (const stretches of run.pool.map<SplitCall, Stretches>(job, calls)) {
    const path = large[index++];
    if (stretches && stretches.length > 1) found.set(path, stretches);
    if (isStopRequested(run.meter)) throw stopped();
  }
  return found;
}

function fileBatches(paths: readonly string[], states: FileStates): string[][] {
  const batches: string[][] = [];
  let held = Infinity; // the first file begins a batch
  for (const path of paths) {
    const bytes = bytesOf(states[path]);
    if (held + bytes > batchBytes || batches.at(-1)!.length === batchFiles) {
      batches.push([]);
      held = 0;
    }
    batches.at(-1)!.push(path);
    held += bytes;
  }
  return batches;
}
