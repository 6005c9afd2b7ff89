// Phase `signatures`: one row for each document that has a text. Rows of texts that did not change are copied from the
// previous build.

import type { Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import type { TableDefinition } from '@gristmill/shards';
import { createFingerprinter } from './fingerprint.ts';
import { resolveDedupOptions, type DedupOptions } from './dedup-options.ts';

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
  ],
};
const signatureColumns = signatureTable.columns.map((column) => column.name);
const textColumns = ['text', 'verdict'] as const;
const chunkRows = 256;

export const signaturePhase: Phase<DedupOptions> = {
  name: 'signatures',
  over: 'partition',
  inputs: () => [{ name: 'documents', columns: textColumns, parts: 'same' }],
  tables: [signatureTable],
  run: writeSignatures,
};

async function writeSignatures(task: PhaseTask<DedupOptions>): Promise<void> {
  const writer = await task.write('signatures');
  const toRow = signatureMaker(task.options);
  const part = task.input('documents').part(task.partition!);
  const old = task.previous?.output('signatures').part(task.partition!);
  if (!task.previous || !old) {
    for await (const batch of part.batches(textColumns)) {
      const rows = batch.keys.flatMap((id, i) =>
        batch.columns.verdict[i] === undefined ? toRow(id, batch.columns.text[i]) : [],
      );
      await writer.writeAll(rows);
      task.count('documentsIn', rows.length);
      task.count('documentsOut', rows.length);
      task.count('computed', rows.length);
      await task.progress(batch.rows);
    }
    return;
  }
  const changed = new Set<string>();
  const before = task.previous.input('documents').part(task.partition!);
  for await (const { key } of part.changes(before, textColumns)) changed.add(key);
  for await (const ids of chunksOfIds(part.batches(['verdict']))) {
    const stale = ids.filter((id) => changed.has(id));
    const texts = new Map((await part.get(stale, ['text'])).map((row) => [row.id, row.text]));
    const kept = await old.get(
      ids.filter((id) => !changed.has(id)),
      signatureColumns,
    );
    const rows = new Map(kept.map((row) => [row.id, row]));
    for (const id of stale) for (const row of toRow(id, texts.get(id))) rows.set(id, row);
    await writer.writeAll(ids.flatMap((id) => rows.get(id) ?? []));
    task.count('documentsIn', kept.length + stale.length);
    task.count('documentsOut', kept.length + stale.length);
    task.count('computed', stale.length);
    task.count('reused', kept.length);
    await task.progress(ids.length);
  }
}

/** Ids without a verdict, some hundreds at a time. */
async function* chunksOfIds(
  batches: AsyncIterable<{ keys: readonly string[]; columns: Readonly<Record<string, readonly unknown[]>> }>,
): AsyncGenerator<string[]> {
  let chunk: string[] = [];
  for await (const { keys, columns } of batches) {
    for (const [i, key] of keys.entries()) {
      if (columns.verdict[i] === undefined) chunk.push(key);
      if (chunk.length < chunkRows) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

function signatureMaker(options: DedupOptions): (id: string, text: unknown) => Row[] {
  const { scheme } = resolveDedupOptions(options);
  const fingerprinter = createFingerprinter();
  return (id, text) => {
    if (typeof text !== 'string') return [];
    const { hash, words, bands, sketch } = fingerprinter.signature(text, scheme);
    const digests = new Uint8Array(bands.length * 4);
    const view = new DataView(digests.buffer);
    for (const [band, digest] of bands.entries()) view.setUint32(band * 4, digest, true);
    return [{ id, hash, words, length: text.length, bands: digests, sketch }];
  };
}
