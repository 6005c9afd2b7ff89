// Repeated passages and containment as a stage of a build, over one set of fingerprints. It removes nothing: `contained`
// are verified pairs, `repeats` the candidates from which select takes the copies that go.

import type { BarrierStage, Phase } from '@gristmill/corpus';
import type { TableDefinition } from '@gristmill/shards';
import { createFingerprinter } from './fingerprint.ts';
import { hashBytes, spanBytes } from './hash-bytes.ts';
import { passageGrams } from './passage-grams.ts';
import { passageOptions, passageWords, type PassageOptions } from './passage-options.ts';
import { passagePairPhase } from './passage-pair-phase.ts';
import { writeTextRows } from './text-rows.ts';
import { printWindow, printWords } from './winnowing.ts';

const textColumns = ['text', 'verdict'];

const printTable: TableDefinition = {
  name: 'prints',
  groupRows: 512,
  columns: [
    /** Of the normal form, 32 hex digits. */
    { name: 'hash', type: 'string' },
    { name: 'words', type: 'int32' },
    { name: 'length', type: 'int32' },
    /** Winnowed fingerprints in the order of the text, 64 bits each. */
    { name: 'prints', type: 'bytes' },
  ],
};

const printPhase: Phase<PassageOptions> = {
  name: 'prints',
  over: 'partition',
  inputs: () => [{ name: 'documents', columns: textColumns, parts: 'same' }],
  tables: [printTable],
  run(task) {
    const fingerprinter = createFingerprinter();
    return writeTextRows(task, {
      table: printTable,
      columns: textColumns,
      toRow({ id, text }) {
        if (typeof text !== 'string') return [];
        const { hash, words, prints } = fingerprinter.winnowed(text, printWords, printWindow);
        return [{ id, hash, words, length: text.length, prints: hashBytes(prints) }];
      },
    });
  },
};

const repeatTable: TableDefinition = {
  name: 'repeats',
  groupRows: 512,
  columns: [
    { name: 'length', type: 'int32' },
    /** Hashes of n-grams that contain a shared fingerprint, in order, and their spans. */
    { name: 'grams', type: 'bytes' },
    { name: 'spans', type: 'bytes' },
  ],
};

const repeatPhase: Phase<PassageOptions> = {
  name: 'repeats',
  over: 'partition',
  inputs: () => [
    { name: 'documents', columns: textColumns, parts: 'same' },
    { name: 'shared', table: 'shared', columns: ['marks'], parts: 'same' },
  ],
  tables: [repeatTable],
  run(task) {
    const fingerprinter = createFingerprinter();
    const words = passageWords(task.options);
    return writeTextRows(task, {
      table: repeatTable,
      columns: textColumns,
      beside: { input: 'shared', columns: ['marks'] },
      toRow({ id, text, marks }) {
        if (typeof text !== 'string') return [];
        const { hashes, spans } = passageGrams(fingerprinter, text, { marks: marks as Uint8Array, words });
        if (hashes.length === 0) return [];
        return [{ id, length: text.length, grams: hashBytes(hashes), spans: spanBytes(spans) }];
      },
    });
  },
};

export const passageStage: BarrierStage<PassageOptions> = {
  name: 'passages',
  version: 3,
  description:
    'Finds passages that several documents have, and documents that lie in others; select removes them.',
  options: passageOptions,
  check: (options) => void passageWords(options),
  phases: [printPhase, passagePairPhase, repeatPhase],
};
