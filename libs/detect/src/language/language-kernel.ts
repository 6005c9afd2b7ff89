// The WebAssembly that reads a piece of text (assembly/language-kernel.ts): here its memory is filled with the tables of
// scripts and small letters and with the models, and a piece goes in and the scores of its languages come out.

import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { decodeLanguageModel, type LanguageModelFile, type ScriptWeights } from './language-model.ts';
import { foldUnit, planeRanges, scriptCodes, scriptOfUnit } from './scripts.ts';
import { hashBits, unspacedScripts } from './word-features.ts';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  setPlaneCount(count: number): void;
  identify(units: number, scripts: number, lead: number): void;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

// Fixed addresses and sizes, as in the assembly.
const kindsAddress = 0x10000;
const textAddress = 0x50000;
const lettersAddress = 0x58000;
const modelsAddress = 0x58400;
const planesAddress = 0x5c400;
const freeAddress = 0x80000;
const triesField = 10;
const pageSize = 65536;
/** Units of a piece that are read. */
export const longestPieceUnits = 16_000;

/** A script whose languages compete. */
export interface ScriptModel {
  readonly languages: readonly string[];
  /** Of the last piece that had letters of this script, by language. */
  readonly scores: Int32Array;
  /** n-grams that were looked up in that piece, and those of them that the model knows. */
  tries(): number;
  hits(): number;
  /** Leaves only these languages in the race; undefined = all. */
  restrict(languages: ReadonlySet<string> | undefined): void;
}

/** Scores below this are of languages out of the race. */
export const outOfRace = -0x20000000;
const outOfRaceBias = -0x40000000;

export interface LanguageKernel {
  /** Divides scores into natural logarithms. */
  readonly scale: number;
  /** By script number. */
  readonly models: readonly (ScriptModel | undefined)[];
  /** Units of the last piece by script number. */
  readonly letters: Uint32Array;
  /** For the pieces that follow, of all scripts. */
  restrict(languages: ReadonlySet<string> | undefined): void;
  /** Reads a piece, until one language leads by so many natural logarithms. */
  read(text: string, from: number, to: number, certainLead: number): void;
}

let loaded: LanguageKernel | undefined;

export function languageKernel(): LanguageKernel {
  return (loaded ??= openKernel(readModel()));
}

function readModel(): LanguageModelFile {
  const file = new URL('./language-model.bin', import.meta.url);
  if (!existsSync(file))
    throw new DataError(
      'language-model',
      'the file of the language model is missing',
      'fetch the repository anew',
    );
  return decodeLanguageModel(readFileSync(file));
}

export function openKernel({ scale, scripts }: LanguageModelFile): LanguageKernel {
  const compiled = new Module(readFileSync(new URL('../language-kernel.wasm', import.meta.url)));
  const kernel = new Instance(compiled, {}).exports as Kernel;
  const plans = scripts.map(planModel);
  const end = plans.reduce((sum, { size }) => sum + size, freeAddress);
  kernel.memory.grow(Math.max(0, Math.ceil((end - kernel.memory.buffer.byteLength) / pageSize)));
  const { buffer } = kernel.memory;
  fillTables(kernel);
  let free = freeAddress;
  const models: (ScriptModel | undefined)[] = scriptCodes.map(() => undefined);
  for (const plan of plans) {
    models[scriptCodes.indexOf(plan.weights.script)] = placeModel(buffer, free, plan);
    free += plan.size;
  }
  const target = Buffer.from(buffer, textAddress, longestPieceUnits * 2);
  let allowed: ReadonlySet<string> | undefined;
  return {
    scale,
    models,
    letters: new Uint32Array(buffer, lettersAddress, scriptCodes.length),
    restrict(languages) {
      if (languages === allowed) return;
      allowed = languages;
      for (const model of models) model?.restrict(languages);
    },
    read(text, from, to, certainLead) {
      const piece = from === 0 && to === text.length ? text : text.slice(from, to);
      const bytes = target.write(piece, 0, 'utf16le');
      kernel.identify(bytes >> 1, scriptCodes.length, certainLead * scale);
    },
  };
}

function fillTables(kernel: Kernel): void {
  const { buffer } = kernel.memory;
  const kinds = new Uint32Array(buffer, kindsAddress, 65536);
  for (let unit = 0; unit < kinds.length; unit++) kinds[unit] = (scriptOfUnit[unit] << 16) | foldUnit[unit];
  const planes = planeRanges.flatMap(({ from, to, script }) => [from, to, script]);
  new Uint32Array(buffer, planesAddress, planes.length).set(planes);
  kernel.setPlaneCount(planeRanges.length);
}

const slotsInBucket = 4;
// From this share of the languages on, a row of all languages is added sooner than a run of some.
const rowShare = 0.08;
const leastInRow = 4;

interface ModelPlan {
  readonly weights: ScriptWeights;
  /** Weights from which on an n-gram gets a row. */
  readonly rowFrom: number;
  readonly rows: number;
  readonly rowSize: number;
  readonly slotBits: number;
  readonly size: number;
}

function planModel(weights: ScriptWeights): ModelPlan {
  const { languages, counts, owners } = weights;
  const rowFrom = Math.max(leastInRow, languages.length * rowShare);
  const rowSize = (languages.length + 15) & ~15;
  let rows = 0;
  for (const count of counts) if (count >= rowFrom) rows++;
  let slotBits = 4;
  // Above the bits of the hash that a slot keeps there must be room for the number of a row or an entry.
  while (2 ** slotBits < counts.length * 1.5 || 2 ** (slotBits + 1) <= owners.length) slotBits++;
  const size = 4 * 2 ** slotBits + rows * rowSize + 8 * rowSize + ((owners.length * 2 + 64) & ~63);
  return { weights, rowFrom, rows, rowSize, slotBits, size: (size + 63) & ~63 };
}

function placeModel(buffer: ArrayBuffer, start: number, plan: ModelPlan): ScriptModel {
  const { weights, rows, rowSize, slotBits } = plan;
  const scores = start + 4 * 2 ** slotBits;
  const bias = scores + 4 * rowSize;
  const rowsAt = bias + 4 * rowSize;
  const entries = rowsAt + rows * rowSize;
  const script = scriptCodes.indexOf(weights.script);
  const fields = new Int32Array(buffer, modelsAddress + 64 * script, 16);
  const isUnspaced = Number(unspacedScripts.has(weights.script));
  fields.set([
    start,
    2 ** (slotBits - 2) - 1,
    hashBits - slotBits + 2,
    entries,
    rowsAt,
    rowSize,
    scores,
    bias,
    isUnspaced,
  ]);
  // Languages that only fill a row up never come near the others.
  const biases = new Int32Array(buffer, bias, rowSize).fill(outOfRaceBias);
  biases.set(weights.bias);
  fillSlots(plan, {
    slots: new Int32Array(buffer, start, 2 ** slotBits),
    rows: new Int8Array(buffer, rowsAt, rows * rowSize),
    entries: new Uint16Array(buffer, entries, weights.owners.length + 1),
  });
  return {
    languages: weights.languages,
    scores: new Int32Array(buffer, scores, weights.languages.length),
    tries: () => fields[triesField],
    hits: () => fields[triesField + 1],
    restrict(languages) {
      for (const [i, language] of weights.languages.entries())
        biases[i] = languages === undefined || languages.has(language) ? weights.bias[i] : outOfRaceBias;
    },
  };
}

interface Tables {
  readonly slots: Int32Array;
  readonly rows: Int8Array;
  readonly entries: Uint16Array;
}

function fillSlots(
  { weights, rowFrom, rowSize, slotBits }: ModelPlan,
  { slots, rows, entries }: Tables,
): void {
  const { hashes, counts, owners, weights: values } = weights;
  const shift = hashBits - slotBits + 2;
  let from = 0;
  let entry = 1; // position 0 would look like an empty slot
  let row = 0;
  for (let i = 0; i < hashes.length; i++) {
    const slot = freeSlot(slots, hashes[i] >>> shift);
    const tag = (hashes[i] & ((1 << shift) - 1)) | (1 << shift);
    const end = from + counts[i];
    if (counts[i] >= rowFrom) {
      slots[slot] = 0x80000000 | (row << (shift + 1)) | tag;
      for (; from < end; from++) rows[row * rowSize + owners[from]] = values[from];
      row++;
    } else {
      slots[slot] = (entry << (shift + 1)) | tag;
      for (; from < end; from++) entries[entry++] = (owners[from] << 8) | (values[from] + 128);
      entries[entry - 1] |= 0x8000;
    }
  }
}

/** The first free slot of a bucket, or of the next bucket that has one. */
function freeSlot(slots: Int32Array, bucket: number): number {
  for (let slot = bucket * slotsInBucket; ; slot = (slot + 1) % slots.length)
    if (slots[slot] === 0) return slot;
}
