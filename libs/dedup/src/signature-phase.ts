// Phase `signatures`: one row for each document that has a text. Rows of texts that did not change are copied from the
// previous build.

import type { Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import type { TableDefinition } from '@gristmill/shards';
import { addressOf } from './address.ts';
import { createFingerprinter } from './fingerprint.ts';
import { resolveDedupOptions, type DedupOptions } from './dedup-options.ts';
import { writeTextRows } from './text-rows.ts';

export const signatureTable: TableDefinition = {
  name: 'signatures',
  groupRows: 512,
  columns: [
    /** Of the normal form, 32 hex digits. */
    { name: 'hash', type: 'string' },
    { name: 'words', type: 'int32' },
    /** Of the text in UTF-16 units. */
    { name: 'length', type: 'int32' },
    /** A 32-bit little-endian digest a band. */
    { name: 'bands', type: 'bytes' },
    { name: 'sketch', type: 'bytes' },
    /** 32 hex digits; see address.ts. Absent for a document without a URL. */
    { name: 'address', type: 'string', optional: true },
  ],
};
const textColumns = ['text', 'verdict', 'url', 'canonicalUrl'] as const;

export const signaturePhase: Phase<DedupOptions> = {
  name: 'signatures',
  over: 'partition',
  inputs: () => [{ name: 'documents', columns: textColumns, parts: 'same', optional: true }],
  tables: [signatureTable],
  run: (task: PhaseTask<DedupOptions>) =>
    writeTextRows(task, { table: signatureTable, columns: textColumns, toRow: signatureMaker(task.options) }),
};

function signatureMaker(options: DedupOptions): (row: Row) => Row[] {
  const { scheme } = resolveDedupOptions(options);
  const fingerprinter = createFingerprinter();
  return ({ id, text, url, canonicalUrl }) => {
    if (typeof text !== 'string') return [];
    const { hash, words, bands, sketch } = fingerprinter.signature(text, scheme);
    const digests = new Uint8Array(bands.length * 4);
    const view = new DataView(digests.buffer);
    for (const [band, digest] of bands.entries()) view.setUint32(band * 4, digest, true);
    const address = addressOf(url as string | undefined, canonicalUrl as string | undefined);
    return [{ id, hash, words, length: text.length, bands: digests, sketch, address }];
  };
}
