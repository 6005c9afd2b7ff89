// The distinct normal forms of a corpus: documents of equal text hash are exact duplicates and share one form. Forms are
// numbered in the order of their hashes. Memory: about 50 bytes a document; signatures are read from the table in slices.

import { orderByHash } from '@gristmill/core';
import type { TableReader } from '@gristmill/shards';
import { HexList } from './hex-list.ts';
import { sketchBytes, type Scheme } from './scheme.ts';
import type { SignatureSource } from './similar-pairs.ts';

export interface FormTable {
  readonly forms: number;
  readonly documents: number;
  /** Document, in the order of ids → form; −1 for a text without words. */
  readonly formOf: Int32Array;
  /** Form → its document of least id. */
  readonly firsts: Uint32Array;
  /** Lengths of documents in UTF-16 units. */
  readonly lengths: Uint32Array;
  readonly words: Uint32Array;
  id(document: number): string;
  hash(form: number): string;
  readonly source: SignatureSource;
}

/** Digests held at once: whole bands, at least one. */
const sliceBytes = 16 << 20;

/** @param signatures columns hash, words, length, bands, sketch; parts in the order of ids */
export async function openForms(signatures: TableReader, scheme: Scheme): Promise<FormTable> {
  const forms = await readForms(signatures);
  return {
    ...forms,
    source: {
      texts: forms.forms,
      band: bandReader(signatures, forms, scheme.bands),
      sketches: (wanted) => readSketches(signatures, forms, wanted),
    },
  };
}

/** @param signatures columns hash, words, length; parts in the order of ids */
export async function readForms(signatures: TableReader): Promise<Omit<FormTable, 'source'>> {
  const documents = signatures.parts.reduce((sum, part) => sum + part.rows, 0);
  const [ids, hashes] = [new HexList(documents), new HexList(documents)];
  const [lengths, counts] = [new Uint32Array(documents), new Uint32Array(documents)];
  for (const part of signatures.parts) {
    for await (const { rows, keys, columns } of part.batches(['hash', 'words', 'length'])) {
      for (let i = 0; i < rows; i++) {
        counts[ids.length] = columns.words[i] as number;
        lengths[ids.length] = columns.length[i] as number;
        ids.push(keys[i]);
        hashes.push(columns.hash[i] as string);
      }
    }
  }
  const { formOf, firsts } = numberForms(hashes, counts);
  const forms = firsts.length;
  return {
    forms,
    documents,
    formOf,
    firsts,
    lengths,
    words: counts,
    id: (document) => ids.at(document),
    hash: (form) => hashes.at(firsts[form]),
  };
}

type Numbering = Pick<FormTable, 'formOf' | 'firsts'>;

function numberForms(hashes: HexList, words: Uint32Array): Numbering {
  const hashed = {
    count: hashes.length,
    leading: (i: number) => hashes.leading(i),
    compare: (i: number, j: number) => hashes.compare(i, j),
  };
  const sorted = orderByHash(hashed, (i) => words[i] === 0);
  const formOf = new Int32Array(hashes.length).fill(-1);
  const firsts = new Uint32Array(sorted.length);
  let forms = 0;
  for (const [place, document] of sorted.entries()) {
    if (place === 0 || hashes.compare(document, sorted[place - 1]) !== 0) firsts[forms++] = document;
    formOf[document] = forms - 1;
  }
  return { formOf, firsts: firsts.slice(0, forms) };
}

/** Reads as many bands at once as fit a slice. */
function bandReader(
  signatures: TableReader,
  numbering: Numbering,
  bands: number,
): (band: number) => Promise<Uint32Array> {
  const forms = numbering.firsts.length;
  const width = Math.max(1, Math.min(bands, Math.floor(sliceBytes / (4 * Math.max(1, forms)))));
  let [from, slice] = [-1, [] as Uint32Array[]];
  return async (band) => {
    if (from < 0 || band < from || band >= from + width) {
      from = band - (band % width);
      const length = Math.min(width, bands - from);
      slice = Array.from({ length }, (_, i) => slice[i] ?? new Uint32Array(forms));
      for await (const { form, value } of firstValues(signatures, numbering, 'bands')) {
        const digests = new DataView(value.buffer, value.byteOffset, value.byteLength);
        for (const [i, column] of slice.entries()) column[form] = digests.getUint32((from + i) * 4, true);
      }
    }
    return slice[band - from];
  };
}

async function readSketches(
  signatures: TableReader,
  numbering: Numbering,
  wanted: Uint8Array,
): Promise<Uint8Array> {
  const places = new Uint32Array(wanted.length);
  let count = 0;
  for (let form = 0; form < wanted.length; form++) if (wanted[form] === 1) places[form] = count++;
  const sketches = new Uint8Array(count * sketchBytes);
  for await (const { form, value } of firstValues(signatures, numbering, 'sketch'))
    if (wanted[form] === 1) sketches.set(value, places[form] * sketchBytes);
  return sketches;
}

/** A bytes column for the first document of each form, in the order of ids. */
async function* firstValues(signatures: TableReader, { formOf, firsts }: Numbering, column: string) {
  let document = 0;
  for (const part of signatures.parts) {
    for await (const { rows, columns } of part.batches([column])) {
      for (let i = 0; i < rows; i++, document++) {
        const form = formOf[document];
        if (form >= 0 && firsts[form] === document) yield { form, value: columns[column][i] as Uint8Array };
      }
    }
  }
}
