// Phase `documents`: each kept document once, with its tokens. The memo is the part that the previous build wrote:
// rows whose text, spans and decision did not change are copied; of the others, those whose prepared text has the same
// digest keep their tokens. So a document is tokenised once for each (prepared text, tokenizer).

import { sha256, type Row } from '@gristmill/core';
import type { Phase, PhaseTask, PreviousTask } from '@gristmill/corpus';
import type { PartReader, TableDefinition } from '@gristmill/shards';
import { resolvePackOptions, type PackOptions, type ResolvedPackOptions } from './pack-options.ts';
import {
  decisionInputs,
  documentInputs,
  keptChunks,
  keptOf,
  preparedTextOf,
  rowsById,
  textInputs,
} from './kept-texts.ts';
import type { PreparedText } from './prepare-text.ts';
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
  const making = { encoder: openTextEncoder(task.artefacts, options), options };
  const old = task.previous?.output('documents').part(task.partition!);
  if (old) await patchDocuments(task, making, old);
  else await computeDocuments(task, making);
}

async function computeDocuments(task: PhaseTask<PackOptions>, making: Making): Promise<void> {
  const writer = await task.write('documents');
  for await (const decisions of keptChunks(task.input('decisions').part(task.partition!))) {
    const rows = await makeRows(task, making, { decisions });
    await writer.writeAll(rows);
    countRows(task, { rows: rows.length, ...sumRows(rows) });
    await task.progress(rows.length);
  }
}

/** Rows whose text, facts and decision are what the previous task read stay. */
async function patchDocuments(task: PhaseTask<PackOptions>, making: Making, old: PartReader): Promise<void> {
  const writer = await task.write('documents');
  const changed = await changedKeys(task, task.previous!);
  const kept = new Map<string, Row>();
  for await (const decisions of keptOf(task.input('decisions').part(task.partition!), changed))
    for (const row of decisions) kept.set(row.id, row);
  const earlier = await rowsById(old, changed, [...summed, 'digest']);
  const sums = sumStaying(task.previous!, earlier);
  const reused = await writer.patch(old, {
    removed: new Set(changed),
    added: [...kept.keys()],
    async rows(keys) {
      const decisions = keys.map((key) => kept.get(key)!);
      const rows = await makeRows(task, making, { decisions, old, earlier });
      const own = sumRows(rows);
      for (const name of summed) sums[name] += own[name];
      await task.progress(rows.length);
      return rows;
    },
  });
  task.count('reused', reused);
  if (reused + kept.size > 0) countRows(task, { rows: reused + kept.size, ...sums });
}

const summed = ['bytes', 'masked', 'count'] as const;
type Sums = Record<(typeof summed)[number], number>;

function sumRows(rows: readonly Row[]): Sums {
  const sum = (name: string) => rows.reduce((total, row) => total + (row[name] as number), 0);
  return { bytes: sum('bytes'), masked: sum('masked'), count: sum('count') };
}

/** What the previous task counted (see `countRows`), without the rows that go. */
function sumStaying({ counts }: PreviousTask, gone: ReadonlyMap<string, Row>): Sums {
  const { documentsOut = 0, bytesOut = 0, masked = 0, tokens = 0 } = counts;
  const own = sumRows([...gone.values()]);
  return {
    bytes: bytesOut - own.bytes,
    masked: masked - own.masked,
    count: tokens - documentsOut - own.count,
  };
}

function countRows(
  task: PhaseTask<PackOptions>,
  { rows, bytes, masked, count }: Sums & { rows: number },
): void {
  task.count('documentsIn', rows);
  task.count('documentsOut', rows);
  task.count('bytesOut', bytes);
  task.count('masked', masked);
  task.count('tokens', count + rows);
}

/** Ids whose text, facts or decision differ from what the previous task read, sorted. */
async function changedKeys(task: PhaseTask<PackOptions>, previous: PreviousTask): Promise<string[]> {
  const keys = new Set<string>();
  for (const [name, columns] of [
    ['documents', documentInputs],
    ['decisions', decisionInputs],
  ] as const) {
    const before = previous.input(name).part(task.partition!);
    for await (const { key } of task.input(name).part(task.partition!).changes(before, columns))
      keys.add(key);
  }
  return [...keys].sort();
}

interface Making {
  readonly encoder: TextEncoder;
  readonly options: ResolvedPackOptions;
}

interface Chosen {
  readonly decisions: readonly Row[];
  /** The earlier part, and `digest` of its rows that may change. */
  readonly old?: PartReader;
  readonly earlier?: ReadonlyMap<string, Row>;
}

async function makeRows(
  task: PhaseTask<PackOptions>,
  making: Making,
  { decisions, old, earlier }: Chosen,
): Promise<Row[]> {
  const ids = decisions.map((row) => row.id);
  const documents = await rowsById(task.input('documents').part(task.partition!), ids, documentInputs);
  const texts = decisions.map((decision) =>
    prepareRow(decision, documents.get(decision.id), making.options.maskPersonalData),
  );
  const known = texts.filter(({ id, digest }) => earlier?.get(id)?.digest === digest).map(({ id }) => id);
  const tokens = await rowsById(old, known, ['count', 'tokens', 'mask']);
  task.count('reused', known.length);
  task.count('computed', texts.length - known.length);
  return texts.map((text) => makeRow(making, text, tokens.get(text.id)));
}

interface PreparedRow extends PreparedText {
  readonly id: string;
  readonly digest: string;
  readonly decision: Row;
  readonly document: Row;
}

function prepareRow(decision: Row, document: Row | undefined, isMasked: boolean): PreparedRow {
  const prepared = preparedTextOf(decision, document, isMasked);
  const digest = sha256(prepared.text).slice(0, 32);
  return { ...prepared, id: decision.id, digest, decision, document: document! };
}

/** @param known tokens of the same prepared text */
function makeRow(
  { encoder, options }: Making,
  { id, text, digest, masked, decision, document }: PreparedRow,
  known: Row | undefined,
): Row {
  const isConversation = options.conversations.includes(String(document.sourceName));
  const encode = isConversation ? encoder.encodeConversation : encoder.encode;
  const encoded = known ? { count: known.count, tokens: known.tokens, mask: known.mask } : encode(text);
  return {
    id,
    split: decision.split,
    source: document.sourceName,
    language: document.language,
    domain: domainOf(document.url as string | undefined),
    topic: document.topic,
    quality: decision.quality,
    digest,
    bytes: Buffer.byteLength(text),
    masked,
    ...encoded,
  };
}

/** Host name without a leading `www.`. */
function domainOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return hostname === '' ? undefined : hostname.replace(/^www\./, '');
}
