// Phase `documents`: each kept document once, with its tokens. The memo is the part that the previous build wrote:
// rows whose text, spans and decision did not change are copied; of the others, those whose prepared text has the same
// digest keep their tokens. So a document is tokenised once for each (prepared text, tokenizer).

import { sha256, type Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import type { TableDefinition } from '@gristmill/shards';
import { resolvePackOptions, type PackOptions, type ResolvedPackOptions } from './pack-options.ts';
import {
  decisionInputs,
  documentInputs,
  keptChunks,
  preparedTextOf,
  rowsById,
  textInputs,
} from './kept-texts.ts';
import { openTextEncoder, type TextEncoder } from './text-encoder.ts';

export const documentTable: TableDefinition = {
  name: 'documents',
  groupRows: 512,
  columns: [
    { name: 'split', type: 'string' },
    { name: 'source', type: 'string' },
    { name: 'language', type: 'string', optional: true },
    { name: 'domain', type: 'string', optional: true },
    { name: 'topic', type: 'string', optional: true },
    { name: 'quality', type: 'int32', optional: true },
    /** Of the prepared text: 32 hex digits. */
    { name: 'digest', type: 'string' },
    /** Of the prepared text, in UTF-8. */
    { name: 'bytes', type: 'int32' },
    /** Findings of personal data that were masked. */
    { name: 'masked', type: 'int32' },
    /** Without the end-of-text token. */
    { name: 'count', type: 'int32' },
    /** Little-endian, of the width that the tokenizer's vocabulary needs. */
    { name: 'tokens', type: 'bytes' },
    /** Of a conversation: a byte a token and one for end-of-text, 1 where the loss is taken. */
    { name: 'mask', type: 'bytes', optional: true },
  ],
};
export const documentColumns = documentTable.columns.map((column) => column.name);

export const documentPhase: Phase<PackOptions> = {
  name: 'documents',
  over: 'partition',
  inputs: () => textInputs('same'),
  tables: [documentTable],
  run: writeDocuments,
};

async function writeDocuments(task: PhaseTask<PackOptions>): Promise<void> {
  const options = resolvePackOptions(task.options);
  const encoder = openTextEncoder(task.artefacts, options);
  const writer = await task.write('documents');
  const changed = await changedKeys(task);
  for await (const decisions of keptChunks(task.input('decisions').part(task.partition!))) {
    const rows = await makeRows(task, { encoder, options, changed }, decisions);
    await writer.writeAll(rows);
    countRows(task, rows);
    await task.progress(rows.length);
  }
}

function countRows(task: PhaseTask<PackOptions>, rows: readonly Row[]): void {
  const sum = (name: string) => rows.reduce((total, row) => total + (row[name] as number), 0);
  task.count('documentsIn', rows.length);
  task.count('documentsOut', rows.length);
  task.count('bytesOut', sum('bytes'));
  task.count('masked', sum('masked'));
  task.count('tokens', sum('count') + rows.length);
}

/** Ids whose text, facts or decision differ from what the previous task read; undefined = all. */
async function changedKeys(task: PhaseTask<PackOptions>): Promise<Set<string> | undefined> {
  const { previous, partition } = task;
  if (previous === undefined) return undefined;
  const keys = new Set<string>();
  for (const [name, columns] of [
    ['documents', documentInputs],
    ['decisions', decisionInputs],
  ] as const) {
    const before = previous.input(name).part(partition!);
    for await (const { key } of task.input(name).part(partition!).changes(before, columns)) keys.add(key);
  }
  return keys;
}

interface Making {
  readonly encoder: TextEncoder;
  readonly options: ResolvedPackOptions;
  readonly changed: Set<string> | undefined;
}

async function makeRows(
  task: PhaseTask<PackOptions>,
  making: Making,
  decisions: readonly Row[],
): Promise<Row[]> {
  const ids = decisions.map((row) => row.id);
  const old = await rowsById(task.previous?.output('documents').part(task.partition!), ids, documentColumns);
  const isStale = (id: string) => making.changed === undefined || making.changed.has(id) || !old.has(id);
  const stale = ids.filter(isStale);
  const documents = await rowsById(task.input('documents').part(task.partition!), stale, documentInputs);
  return decisions.map((decision) => {
    const before = old.get(decision.id);
    if (before !== undefined && !isStale(decision.id)) {
      task.count('reused', 1);
      return before;
    }
    return makeRow(task, making, { decision, document: documents.get(decision.id), before });
  });
}

function makeRow(
  task: PhaseTask<PackOptions>,
  { encoder, options }: Making,
  { decision, document, before }: { decision: Row; document: Row | undefined; before: Row | undefined },
): Row {
  const { id } = decision;
  const prepared = preparedTextOf(decision, document, options.maskPersonalData);
  const digest = sha256(prepared.text).slice(0, 32);
  const isKnown = before?.digest === digest;
  task.count(isKnown ? 'reused' : 'computed', 1);
  const isConversation = options.conversations.includes(String(document!.sourceName));
  const encode = isConversation ? encoder.encodeConversation : encoder.encode;
  const encoded = isKnown
    ? { count: before.count, tokens: before.tokens, mask: before.mask }
    : encode(prepared.text);
  return {
    id,
    split: decision.split,
    source: document!.sourceName,
    language: document!.language,
    domain: domainOf(document!.url as string | undefined),
    topic: document!.topic,
    quality: decision.quality,
    digest,
    bytes: Buffer.byteLength(prepared.text),
    masked: prepared.masked,
    ...encoded,
  };
}

/** Host name without a leading `www.`. */
function domainOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return hostname === '' ? undefined : hostname.replace(/^www\./, '');
}
