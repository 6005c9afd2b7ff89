// Lines and paragraphs that several documents have, as a stage of a build: signals of each document, and the pieces from
// which select, where its policy says so, takes the copies that go. Pieces of fewer than five words are not compared.

import type { BarrierStage, Phase, PhaseTask } from '@gristmill/corpus';
import { partitionOf, type TableDefinition } from '@gristmill/shards';
import { createFingerprinter, type Fingerprinter } from './fingerprint.ts';
import { readForms } from './form-table.ts';
import { hashBytes, spanBytes } from './hash-bytes.ts';
import { pieceOptions, pieceWords, type PieceOptions } from './passage-options.ts';
import { repeatedPieces } from './repeated-pieces.ts';
import { markShared } from './shared-hashes.ts';
import { openHashes } from './table-hashes.ts';
import { writeTextRows } from './text-rows.ts';

const textColumns = ['text', 'verdict'];
const kinds = ['lines', 'paragraphs'] as const;

const pieceTable: TableDefinition = {
  name: 'pieces',
  groupRows: 512,
  columns: [
    { name: 'hash', type: 'string' },
    { name: 'words', type: 'int32' },
    { name: 'length', type: 'int32' },
    /** Hashes in the order of the text, 64 bits each. */
    { name: 'lines', type: 'bytes' },
    { name: 'paragraphs', type: 'bytes' },
  ],
};

const piecePhase: Phase<PieceOptions> = {
  name: 'pieces',
  over: 'partition',
  inputs: () => [{ name: 'documents', columns: textColumns, parts: 'same' }],
  tables: [pieceTable],
  run(task) {
    const fingerprinter = createFingerprinter();
    const least = pieceWords(task.options);
    return writeTextRows(task, {
      table: pieceTable,
      columns: textColumns,
      toRow({ id, text }) {
        if (typeof text !== 'string') return [];
        const { hash, words, lines, paragraphs } = fingerprinter.pieces(text, least);
        const [ofLines, ofParagraphs] = [lines, paragraphs].map(({ hashes }) => hashBytes(hashes));
        return [{ id, hash, words, length: text.length, lines: ofLines, paragraphs: ofParagraphs }];
      },
    });
  },
};

const sharedTable: TableDefinition = {
  /** Only documents with a shared piece. A byte for each piece: 0, or how many texts have it, 51 for more than 50. */
  name: 'shared',
  columns: [
    { name: 'lines', type: 'bytes' },
    { name: 'paragraphs', type: 'bytes' },
  ],
};

const sharedPhase: Phase<PieceOptions> = {
  name: 'shared',
  over: 'whole',
  inputs: () => [
    {
      name: 'pieces',
      table: 'pieces',
      columns: ['hash', 'words', 'length', 'lines', 'paragraphs'],
      parts: 'all',
    },
  ],
  tables: [sharedTable],
  run: writeShared,
};

async function writeShared(task: PhaseTask<PieceOptions>): Promise<void> {
  const table = task.input('pieces');
  const forms = await readForms(table);
  const marksOf: ((document: number) => Uint8Array)[] = [];
  for (const kind of kinds) {
    const source = await openHashes(table, kind);
    const marks = await markShared(source, { formOf: forms.formOf, within: false });
    marksOf.push((document) => marks.subarray(source.starts[document], source.starts[document + 1]));
    await task.progress(0);
  }
  for (let document = 0; document < forms.documents; document++) {
    const [lines, paragraphs] = marksOf.map((marks) => marks(document));
    if (!lines.some((mark) => mark > 0) && !paragraphs.some((mark) => mark > 0)) continue;
    const id = forms.id(document);
    const writer = await task.write('shared', partitionOf(id, task.partitions));
    await writer.write({ id, lines, paragraphs });
  }
}

const repeatTable: TableDefinition = {
  name: 'repeats',
  groupRows: 512,
  columns: [
    { name: 'length', type: 'int32' },
    /** Share of the text's UTF-16 units in lines, and in paragraphs, that other documents have too. */
    { name: 'repeatedLineFraction', type: 'float64' },
    { name: 'repeatedParagraphFraction', type: 'float64' },
    /** Documents that have its most common line or paragraph, itself included; 51 for more than 50. */
    { name: 'sharingDocuments', type: 'int32' },
    { name: 'lines', type: 'bytes' },
    { name: 'lineSpans', type: 'bytes' },
    { name: 'paragraphs', type: 'bytes' },
    { name: 'paragraphSpans', type: 'bytes' },
  ],
};

const repeatPhase: Phase<PieceOptions> = {
  name: 'repeats',
  over: 'partition',
  inputs: () => [
    { name: 'documents', columns: textColumns, parts: 'same' },
    { name: 'shared', table: 'shared', columns: [...kinds], parts: 'same' },
  ],
  tables: [repeatTable],
  run(task) {
    const fingerprinter = createFingerprinter();
    const least = pieceWords(task.options);
    return writeTextRows(task, {
      table: repeatTable,
      columns: textColumns,
      beside: { input: 'shared', columns: kinds },
      toRow: ({ id, text, lines, paragraphs }) =>
        typeof text === 'string'
          ? [{ id, ...repeatRow(fingerprinter, text, { least, marks: [lines, paragraphs] as Uint8Array[] }) }]
          : [],
    });
  },
};

function repeatRow(
  fingerprinter: Fingerprinter,
  text: string,
  { least, marks }: { least: number; marks: readonly Uint8Array[] },
) {
  const pieces = fingerprinter.pieces(text, least);
  const [lines, paragraphs] = kinds.map((kind, i) => repeatedPieces(text, pieces[kind], marks[i]));
  return {
    length: text.length,
    repeatedLineFraction: lines.units / text.length,
    repeatedParagraphFraction: paragraphs.units / text.length,
    sharingDocuments: Math.max(lines.documents, paragraphs.documents),
    lines: hashBytes(lines.hashes),
    lineSpans: spanBytes(lines.spans),
    paragraphs: hashBytes(paragraphs.hashes),
    paragraphSpans: spanBytes(paragraphs.spans),
  };
}

export const paragraphStage: BarrierStage<PieceOptions> = {
  name: 'paragraphs',
  version: 3,
  description: 'Finds lines and paragraphs that several documents have; select removes them.',
  options: pieceOptions,
  check: (options) => void pieceWords(options),
  phases: [piecePhase, sharedPhase, repeatPhase],
};
