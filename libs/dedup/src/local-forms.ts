// The forms that a change may concern: those of changed documents, and all others in the buckets and at the addresses that
// are asked for. One scan over the raw signatures finds them, and values are made only of rows that are hit.

import type { PartReader, RawPage, TableReader } from '@gristmill/shards';
import type { BandSet } from './band-set.ts';
import type { ChangedDocuments, Signed } from './changed-documents.ts';
import { HexIndex } from './hex-index.ts';
import { sketchBytes } from './scheme.ts';

/** What a scan asks for. Every form in one of the buckets or at one of the addresses is found, with all its documents' addresses where its hash is asked for. */
export interface Probes {
  readonly hashes: HexIndex;
  readonly buckets: BandSet;
  readonly addresses: HexIndex;
}

export interface FormDocument {
  readonly id: string;
  readonly length: number;
}

/** Of a form in the previous build and this one: in both, in this one alone, in the previous one alone. */
export const [staying, appeared, vanished] = [0, 1, 2];

/** Numbered in the order of their hashes. */
export interface LocalForms {
  readonly count: number;
  readonly hashes: readonly string[];
  readonly state: Uint8Array;
  readonly sketches: Uint8Array;
  /** A document that has the form now; of a form that vanished, one that had it. */
  readonly documents: readonly FormDocument[];
  /** The least document that has the form and did not change. */
  readonly unchanged: readonly (FormDocument | undefined)[];
  /** Address → forms of documents there, and of those that did not change. */
  readonly addresses: ReadonlyMap<string, AddressForms>;
  digests(band: number): Uint32Array;
  /** −1 for another form. */
  find(bytes: Buffer, at: number): number;
  numberOf(hash: string): number;
}

export interface AddressForms {
  readonly now: Set<number>;
  readonly unchanged: Set<number>;
}

/** Undefined when there are more than `most`. */
export async function findLocalForms(
  signatures: TableReader,
  { changed, probes, bands, most }: LocalSearch,
): Promise<LocalForms | undefined> {
  const found = createFinder({ changed, probes, bands });
  for (const row of changed.old) found.addOld(row);
  for (const part of signatures.parts) {
    await scanPart(part, found);
    if (found.count() > most) return undefined;
  }
  return found.finish();
}

interface LocalSearch {
  readonly changed: ChangedDocuments;
  readonly probes: Probes;
  readonly bands: number;
  readonly most: number;
}

type Pages = Readonly<Record<string, RawPage | undefined>>;
type Finder = ReturnType<typeof createFinder>;

async function scanPart(part: PartReader, found: Finder): Promise<void> {
  const columns = ['hash', 'words', 'length', 'bands', 'sketch', 'address'];
  for await (const { rows, pages } of part.pages(columns)) {
    const words = pages.words!;
    for (let row = 0; row < rows; row++)
      if (words.plain.readInt32LE(words.starts[row]) > 0) found.addRow(pages, row);
  }
}

function createFinder({ changed, probes, bands }: Omit<LocalSearch, 'most'>) {
  const index = new HexIndex();
  const [digests, sketches] = [[] as Uint32Array[], [] as Uint8Array[]];
  const documents: FormDocument[] = [];
  const unchanged: (FormDocument | undefined)[] = [];
  /** By form: 1 = in this build, 2 = in the previous one. */
  const builds: number[] = [];
  const addresses = new Map<string, AddressForms>();

  function isHit(pages: Pages, row: number): boolean {
    const [hash, address, digest] = [pages.hash!, pages.address, pages.bands!];
    const at = hash.starts[row] + 4;
    if (index.find(hash.plain, at) >= 0 || probes.hashes.find(hash.plain, at) >= 0) return true;
    if (address && hasValue(address, row)) {
      if (probes.addresses.find(address.plain, address.starts[row] + 4) >= 0) return true;
    }
    let next = digest.starts[row] + 4;
    for (let band = 0; band < bands; band++, next += 4)
      if (probes.buckets.has(band, digest.plain.readUInt32LE(next))) return true;
    return false;
  }

  function addForm(number: number, bandBytes: Uint8Array, sketch: Uint8Array): void {
    if (number < digests.length) return;
    digests.push(readDigests(bandBytes, bands));
    sketches.push(sketch.slice());
    builds.push(0);
  }

  return {
    count: () => index.length,
    addOld({ id, hash, length, bands: bandBytes, sketch }: Signed): void {
      const number = index.addHex(hash);
      addForm(number, bandBytes, sketch);
      documents[number] ??= { id, length };
      builds[number] |= 2;
    },
    addRow(pages: Pages, row: number): void {
      if (!isHit(pages, row)) return;
      const number = index.add(pages.hash!.plain, pages.hash!.starts[row] + 4);
      addForm(number, bytesOf(pages.bands!, row), bytesOf(pages.sketch!, row));
      const id = textOf(pages.id!, row);
      const document = { id, length: pages.length!.plain.readInt32LE(pages.length!.starts[row]) };
      const stays = !changed.ids.has(id);
      // One that vanished is named by a document that may be gone: the first that has the form now stands for it.
      if ((builds[number] & 1) === 0) documents[number] = document;
      if (stays) unchanged[number] ??= document;
      builds[number] |= stays ? 3 : 1;
      if (pages.address && hasValue(pages.address, row))
        addAddress(addresses, textOf(pages.address, row), { number, stays });
    },
    finish: (): LocalForms =>
      sortForms({ index, digests, sketches, documents, unchanged, builds, addresses }),
  };
}

function addAddress(
  addresses: Map<string, AddressForms>,
  address: string,
  { number, stays }: { number: number; stays: boolean },
): void {
  let forms = addresses.get(address);
  if (!forms) addresses.set(address, (forms = { now: new Set(), unchanged: new Set() }));
  forms.now.add(number);
  if (stays) forms.unchanged.add(number);
}

interface FoundForms {
  readonly index: HexIndex;
  readonly digests: readonly Uint32Array[];
  readonly sketches: readonly Uint8Array[];
  readonly documents: readonly FormDocument[];
  readonly unchanged: readonly (FormDocument | undefined)[];
  readonly builds: readonly number[];
  readonly addresses: ReadonlyMap<string, AddressForms>;
}

function sortForms({
  index,
  digests,
  sketches,
  documents,
  unchanged,
  builds,
  addresses,
}: FoundForms): LocalForms {
  const count = index.length;
  const names = Array.from({ length: count }, (_, i) => index.at(i));
  const order = Uint32Array.from(names.keys()).sort((i, j) => (names[i] < names[j] ? -1 : 1));
  const places = new Int32Array(count);
  for (const [place, number] of order.entries()) places[number] = place;
  const sorted = <T>(values: readonly T[]): T[] => Array.from(order, (number) => values[number]);
  const allSketches = new Uint8Array(count * sketchBytes);
  for (const [place, number] of order.entries()) allSketches.set(sketches[number], place * sketchBytes);
  const placed = (forms: ReadonlySet<number>) => new Set(Array.from(forms, (number) => places[number]));
  const placeOf = (number: number): number => (number < 0 ? -1 : places[number]);
  return {
    count,
    hashes: sorted(names),
    state: Uint8Array.from(order, (i) => [vanished, appeared, vanished, staying][builds[i]]),
    sketches: allSketches,
    documents: sorted(documents),
    unchanged: sorted(unchanged),
    addresses: new Map(
      Array.from(addresses, ([name, forms]) => [
        name,
        { now: placed(forms.now), unchanged: placed(forms.unchanged) },
      ]),
    ),
    digests: (band) => Uint32Array.from(order, (number) => digests[number][band]),
    find: (bytes, at) => placeOf(index.find(bytes, at)),
    numberOf: (hash) => placeOf(index.findHex(hash)),
  };
}

/** The digests of a row's bands. */
export function readDigests(bytes: Uint8Array, bands: number): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bands }, (_, band) => view.getUint32(band * 4, true));
}

function hasValue({ starts }: RawPage, row: number): boolean {
  return starts[row + 1] > starts[row];
}

function bytesOf({ plain, starts }: RawPage, row: number): Uint8Array {
  return plain.subarray(starts[row] + 4, starts[row + 1]);
}

export function textOf({ plain, starts }: RawPage, row: number): string {
  return plain.toString('latin1', starts[row] + 4, starts[row + 1]);
}
