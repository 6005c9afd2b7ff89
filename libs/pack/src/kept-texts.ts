// The texts that training sees: of documents that select keeps, with its removals and the masks applied.

import { DataError, type Row } from '@gristmill/core';
import type { PhaseInput, TrainingTask } from '@gristmill/corpus';
import type { PersonalData } from '@gristmill/detect';
import type { PartReader } from '@gristmill/shards';
import { prepareText, type PreparedText, type TextSpan } from './prepare-text.ts';

/** Columns of the row-wise stages that pack looks at. */
export const documentInputs = ['text', 'sourceName', 'url', 'language', 'topic', 'pii'] as const;
export const decisionInputs = ['keep', 'split', 'removals', 'quality'] as const;

export function textInputs(parts: 'same' | 'all'): PhaseInput[] {
  return [
    { name: 'documents', columns: documentInputs, parts, optional: true },
    { name: 'decisions', table: 'select/decisions', columns: decisionInputs, parts },
  ];
}

const chunkRows = 256;

/** Decisions of the documents that are kept, in order of id, some at a time. */
export async function* keptChunks(decisions: PartReader): AsyncGenerator<Row[]> {
  let chunk: Row[] = [];
  for await (const row of decisions.readRows(decisionInputs)) {
    if (row.keep !== true) continue;
    chunk.push(row);
    if (chunk.length < chunkRows) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Decisions of those of some documents that are kept, in order of id, some at a time. */
export async function* keptOf(decisions: PartReader, ids: readonly string[]): AsyncGenerator<Row[]> {
  for (let from = 0; from < ids.length; from += chunkRows) {
    const rows = await decisions.get(ids.slice(from, from + chunkRows), decisionInputs);
    yield rows.filter(({ keep }) => keep === true);
  }
}

/** Rows by id; only those that exist. */
export async function rowsById(
  part: PartReader | undefined,
  ids: readonly string[],
  columns: readonly string[],
): Promise<Map<string, Row>> {
  if (part === undefined || ids.length === 0) return new Map();
  return new Map((await part.get(ids, columns)).map((row) => [row.id, row]));
}

/** @throws DataError when the document has no text */
export function preparedTextOf(decision: Row, document: Row | undefined, isMasked: boolean): PreparedText {
  if (typeof document?.text !== 'string') {
    throw new DataError(
      'document-without-text',
      `select keeps the document ${decision.id}, which has no text`,
      'run `gristmill fsck --repair` on the corpus',
    );
  }
  const findings = document.pii as readonly PersonalData[] | undefined;
  const removals = (decision.removals ?? []) as readonly TextSpan[];
  return prepareText(document.text, removals, isMasked && findings, decision.id);
}

export interface KeptText {
  readonly id: string;
  readonly source: string;
  readonly language?: string;
  readonly text: string;
}

/** Prepared texts of one split, by partition and id, some at a time. */
export async function* keptTexts(
  task: Pick<TrainingTask, 'input'>,
  options: { split: string; isMasked: boolean },
): AsyncGenerator<KeptText[]> {
  for (const part of task.input('decisions').parts) {
    const documents = task.input('documents').part(part.partition);
    for await (const chunk of keptChunks(part)) {
      const wanted = chunk.filter(({ split }) => split === options.split);
      const ids = wanted.map(({ id }) => id);
      const rows = await rowsById(documents, ids, ['text', 'pii', 'sourceName', 'language']);
      yield wanted.map((decision) => {
        const row = rows.get(decision.id);
        const { text } = preparedTextOf(decision, row, options.isMasked);
        const language = typeof row?.language === 'string' ? row.language : undefined;
        return { id: decision.id, source: String(row?.sourceName ?? ''), language, text };
      });
    }
  }
}
