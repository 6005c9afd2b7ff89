// Reads the table `documents` into columns, from its bytes: no row becomes an object, no id a string.

import { hash } from 'node:crypto';
import type { PhaseTask } from '@gristmill/corpus';
import { integerOf, isPresent } from '@gristmill/shards';
import { CodedTexts } from './coded-texts.ts';
import { factColumns, FactSpeller, factTexts, type FactPages } from './fact-digests.ts';
import type { PackOptions } from './pack-options.ts';
import { hexByte, idBytes, nameBytes, PackedDocuments } from './packed-documents.ts';

export interface HashedDocuments {
  readonly documents: PackedDocuments;
  /** `orderHash` by place. */
  readonly hashes: BigUint64Array;
}

const columns = ['split', 'source', 'count', ...factColumns];

export async function readDocuments(task: PhaseTask<PackOptions>, seed: number): Promise<HashedDocuments> {
  const { parts } = task.input('documents');
  const firsts = new Uint32Array(parts.length + 1);
  parts.forEach(({ rows }, i) => (firsts[i + 1] = firsts[i] + rows));
  const documents = new PackedDocuments(firsts);
  const hashes = new BigUint64Array(documents.count);
  const [addHash, addRow] = [createOrderHash(hashes, seed), createFiller(documents)];
  let place = 0;
  for (const part of parts) {
    for await (const { rows, pages } of part.pages(columns)) {
      for (let row = 0; row < rows; row++, place++) {
        addHash(place, pages, row);
        addRow(place, pages, row);
      }
    }
  }
  return { documents, hashes };
}

/** Before each id of a page. */
const lengthBytes = 4;

/** As `orderHash`, of an id that lies in a page. */
function createOrderHash(hashes: BigUint64Array, seed: number) {
  const head = Buffer.from(`${seed}\n`);
  const message = Buffer.concat([head, Buffer.alloc(2 * idBytes)]);
  const halves = new Uint32Array(hashes.buffer);
  const half = (digest: string, at: number) =>
    ((digest.charCodeAt(at) << 24) |
      (digest.charCodeAt(at + 1) << 16) |
      (digest.charCodeAt(at + 2) << 8) |
      digest.charCodeAt(at + 3)) >>>
    0;
  return (place: number, { id }: FactPages, row: number): void => {
    id!.plain.copy(message, head.length, id!.starts[row] + lengthBytes, id!.starts[row + 1]);
    const digest = hash('sha256', message, 'binary');
    halves[2 * place + 1] = half(digest, 0);
    halves[2 * place] = half(digest, 4);
  };
}

function createFiller(documents: PackedDocuments) {
  const { names, tokens, texts } = documents;
  const codes = new Int32Array(texts.length);
  const speller = new FactSpeller(texts);
  const groupOf = createGrouper(documents);
  return (place: number, pages: FactPages, row: number): void => {
    const [{ plain, starts }, name] = [pages.id!, place * nameBytes];
    for (let i = 0, at = starts[row] + lengthBytes; i < idBytes; i++, at += 2)
      names[name + i] = hexByte(plain, at);
    for (let i = 0; i < texts.length; i++) codes[i] = texts[i].set(place, pages[factTexts[i]], row);
    names.write(speller.digest(pages, row, codes), name + idBytes, 'latin1');
    if (isPresent(pages.quality, row)) documents.setQuality(place, integerOf(pages.quality, row));
    tokens[place] = integerOf(pages.count!, row) + 1;
    documents.groupOf[place] = groupOf(pages, row);
  };
}

/** Gives each (split, source) a number when it is first seen. */
function createGrouper({ groups }: PackedDocuments) {
  const [splits, sources] = [new CodedTexts(0), new CodedTexts(0)];
  /** By code of the split, then of the source. */
  const numbers: number[][] = [];
  return ({ split, source }: FactPages, row: number): number => {
    const [a, b] = [splits.codeOf(split!, row), sources.codeOf(source!, row)];
    const known = (numbers[a] ??= []);
    return (known[b] ??= groups.push({ split: splits.texts[a], source: sources.texts[b] }) - 1);
  };
}
