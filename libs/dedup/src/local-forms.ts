// The forms that a change may concern: those of changed documents, and all others in the buckets and at the addresses that
// are asked for. One scan over the raw signatures finds them, and values are made only of rows that are hit.

import { orderByHash } from '@gristmill/core';
import { hexOf, isPresent, type PartReader, type RawPage, type TableReader } from '@gristmill/shards';
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
  const digests = createBlocks(bands * 4);
  const sketches = createBlocks(sketchBytes);
  const documents: FormDocument[] = [];
  const unchanged: (FormDocument | undefined)[] = [];
  /** By form: 1 = in this build, 2 = in the previous one. */
  const builds: number[] = [];
  const addresses = new Map<string, AddressForms>();

  function isHit(pages: Pages, row: number): boolean {
    const [hash, address] = [pages.hash!, pages.address];
    const at = hash.starts[row] + 4;
    if (index.find(hash.plain, at) >= 0 || probes.hashes.find(hash.plain, at) >= 0) return true;
    if (address && isPresent(address, row)) {
      if (probes.addresses.find(address.plain, address.starts[row] + 4) >= 0) return true;
    }
    return isInBucket(pages.bands!, row);
  }

  function isInBucket({ plain, starts }: RawPage, row: number): boolean {
    let at = starts[row] + 4;
    for (let band = 0; band < bands; band++, at += 4)
      if (probes.buckets.has(band, plain.readUInt32LE(at))) return true;
    return false;
  }

  return {
    count: () => index.length,
    addOld({ id, hash, length, bands: bandBytes, sketch }: Signed): void {
      const number = index.addHex(hash);
      if (number === builds.length) {
        digests.add(bandBytes, 0);
        sketches.add(sketch, 0);
        builds.push(0);
      }
      documents[number] ??= { id, length };
      builds[number] |= 2;
    },
    addRow(pages: Pages, row: number): void {
      if (!isHit(pages, row)) return;
      const number = index.add(pages.hash!.plain, pages.hash!.starts[row] + 4);
      if (number === builds.length) {
        digests.add(pages.bands!.plain, pages.bands!.starts[row] + 4);
        sketches.add(pages.sketch!.plain, pages.sketch!.starts[row] + 4);
        builds.push(0);
      }
      const id = hexOf(pages.id!, row);
      const document = { id, length: pages.length!.plain.readInt32LE(pages.length!.starts[row]) };
      const stays = !changed.ids.has(id);
      // A form of the previous build is named by a document that may be gone: the first that has it now stands for it.
      if ((builds[number] & 1) === 0) documents[number] = document;
      if (stays) unchanged[number] ??= document;
      builds[number] |= stays ? 3 : 1;
      if (pages.address && isPresent(pages.address, row))
        addAddress(addresses, hexOf(pages.address, row), { number, stays });
    },
    finish: (): LocalForms => {
      const found = { index, documents, unchanged, builds, addresses };
      return sortForms({ ...found, digests: digests.all(), sketches: sketches.all(), bands });
    },
  };
}

/** Equal blocks of bytes, one after the other. */
function createBlocks(size: number) {
  let [bytes, length] = [new Uint8Array(size * 1024), 0];
  return {
    add(from: Uint8Array, at: number): void {
      if (length + size > bytes.length) {
        const larger = new Uint8Array(bytes.length * 2);
        larger.set(bytes);
        bytes = larger;
      }
      for (let i = 0; i < size; i++) bytes[length + i] = from[at + i];
      length += size;
    },
    all: (): Uint8Array => bytes.subarray(0, length),
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
  readonly bands: number;
  readonly digests: Uint8Array;
  readonly sketches: Uint8Array;
  readonly documents: readonly FormDocument[];
  readonly unchanged: readonly (FormDocument | undefined)[];
  readonly builds: readonly number[];
  readonly addresses: ReadonlyMap<string, AddressForms>;
}

function sortForms(found: FoundForms): LocalForms {
  const { index, builds } = found;
  const names = Array.from({ length: index.length }, (_, i) => index.at(i));
  const order = orderByHash({
    count: names.length,
    leading: (i) => parseInt(names[i].slice(0, 8), 16),
    compare: (i, j) => (names[i] < names[j] ? -1 : 1),
  });
  const places = new Int32Array(names.length);
  for (const [place, number] of order.entries()) places[number] = place;
  const sorted = <T>(values: readonly T[]): T[] => Array.from(order, (number) => values[number]);
  const placed = (forms: ReadonlySet<number>) => new Set(Array.from(forms, (number) => places[number]));
  const placeOf = (number: number): number => (number < 0 ? -1 : places[number]);
  const bands = sortDigests(found, order);
  return {
    count: names.length,
    hashes: sorted(names),
    state: Uint8Array.from(order, (i) => [vanished, appeared, vanished, staying][builds[i]]),
    sketches: sortSketches(found.sketches, order),
    documents: sorted(found.documents),
    unchanged: sorted(found.unchanged),
    addresses: new Map(
      Array.from(found.addresses, ([name, forms]) => [
        name,
        { now: placed(forms.now), unchanged: placed(forms.unchanged) },
      ]),
    ),
    digests: (band) => bands[band],
    find: (bytes, at) => placeOf(index.find(bytes, at)),
    numberOf: (hash) => placeOf(index.findHex(hash)),
  };
}

function sortDigests({ digests, bands }: FoundForms, order: Uint32Array): Uint32Array[] {
  const view = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
  return Array.from({ length: bands }, (_, band) => {
    const sorted = new Uint32Array(order.length);
    for (let i = 0; i < order.length; i++) sorted[i] = view.getUint32((order[i] * bands + band) * 4, true);
    return sorted;
  });
}

function sortSketches(sketches: Uint8Array, order: Uint32Array): Uint8Array {
  const sorted = new Uint8Array(order.length * sketchBytes);
  for (let i = 0; i < order.length; i++) {
    const from = order[i] * sketchBytes;
    sorted.set(sketches.subarray(from, from + sketchBytes), i * sketchBytes);
  }
  return sorted;
}

/** The digests of a row's bands. */
export function readDigests(bytes: Uint8Array, bands: number): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const digests = new Uint32Array(bands);
  for (let band = 0; band < bands; band++) digests[band] = view.getUint32(band * 4, true);
  return digests;
}
