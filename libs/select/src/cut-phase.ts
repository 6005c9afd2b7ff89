// Phase `cuts`: the spans of kept documents that are copies of text kept elsewhere, where the policy removes repeated
// passages, paragraphs or lines. Only documents that stay take part, so it comes after the election.

import type { HashSource } from '@gristmill/core';
import type { Phase, PhaseInput, PhaseTask } from '@gristmill/corpus';
import type { TableDefinition, TableReader } from '@gristmill/shards';
import { beside } from './beside.ts';
import { joinSpans, markCopies, markedSpans } from './mark-copies.ts';
import { resolveSelectOptions, type RepeatKind, type SelectOptions } from './select-options.ts';

export const cutTable: TableDefinition = {
  name: 'cuts',
  columns: [
    /** [start, end) in UTF-16 units, sorted, apart. */
    { name: 'spans', type: 'json' },
    /** UTF-16 units that stay. */
    { name: 'rest', type: 'int32' },
  ],
};

/** Where dedup keeps the pieces of each kind. */
const places = {
  passages: { table: 'passages/repeats', hashes: 'grams', spans: 'spans' },
  paragraphs: { table: 'paragraphs/repeats', hashes: 'paragraphs', spans: 'paragraphSpans' },
  lines: { table: 'paragraphs/repeats', hashes: 'lines', spans: 'lineSpans' },
} as const;

export const cutPhase: Phase<SelectOptions> = {
  name: 'cuts',
  over: 'whole',
  inputs: (options) => {
    const kinds = resolveSelectOptions(options).removedRepeats;
    if (kinds.length === 0) return [];
    return [
      { name: 'eligible', table: 'eligible', columns: ['reason', 'quality'], parts: 'all' },
      { name: 'removed', table: 'removed', columns: ['measure'], parts: 'all' },
      ...kinds.map((kind): PhaseInput => {
        const { table, hashes, spans } = places[kind];
        return { name: kind, table, columns: ['length', hashes, spans], parts: 'all' };
      }),
    ];
  },
  shapedBy: ({ repeats = null }) => ({ repeats }),
  tables: [cutTable],
  run: writeCuts,
};

async function writeCuts(task: PhaseTask<SelectOptions>): Promise<void> {
  const kinds = resolveSelectOptions(task.options).removedRepeats;
  const copies: Copies[] = [];
  for (const kind of kinds) {
    copies.push(await findCopies(task, kind));
    await task.progress(0);
  }
  for (let partition = 0; partition < task.partitions; partition++) {
    const cuts = new Map<string, { length: number; spans: [number, number][] }>();
    for (const kind of copies) await addCuts(task, kind, partition, cuts);
    const writer = cuts.size > 0 ? await task.write('cuts', partition) : undefined;
    for (const [id, { length, spans }] of [...cuts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const joined = joinSpans(spans);
      const removed = joined.reduce((sum, [start, end]) => sum + end - start, 0);
      await writer!.write({ id, spans: joined, rest: length - removed });
      task.count('cutUnits', removed);
    }
  }
}

interface Copies {
  readonly kind: RepeatKind;
  /** Row of the kind's table → the number of its first mark; −1 for a document that does not stay. */
  readonly starts: Int32Array;
  /** Row at which each partition begins. */
  readonly firstRows: readonly number[];
  readonly marks: Uint8Array;
}

async function findCopies(task: PhaseTask<SelectOptions>, kind: RepeatKind): Promise<Copies> {
  const table = task.input(kind);
  const column = places[kind].hashes;
  const rows = table.parts.reduce((sum, part) => sum + part.rows, 0);
  const [starts, qualities] = [new Int32Array(rows).fill(-1), new Int32Array(rows)];
  const firstRows: number[] = [];
  let [row, total] = [0, 0];
  for (const part of table.parts) {
    firstRows.push(row);
    const eligible = beside(task.input('eligible').part(part.partition), ['reason', 'quality']);
    const removed = beside(task.input('removed').part(part.partition), ['measure']);
    for await (const batch of part.batches([column])) {
      for (const [i, id] of batch.keys.entries()) {
        const facts = await eligible(id);
        const isKept = facts && facts.reason === undefined && !(await removed(id));
        if (isKept) {
          [starts[row], qualities[row]] = [total, facts.quality as number];
          total += (batch.columns[column][i] as Uint8Array).length / 8;
        }
        row++;
      }
    }
  }
  const source = keptHashes(table, { column, starts, total });
  const marks = await markCopies(source, { qualities, keepsOwn: kind !== 'passages' });
  return { kind, starts, firstRows, marks };
}

function keptHashes(
  table: TableReader,
  { column, starts, total }: { column: string; starts: Int32Array; total: number },
): HashSource {
  return {
    total,
    async *rows() {
      let row = 0;
      for (const part of table.parts) {
        for await (const { columns } of part.batches([column])) {
          for (const hashes of columns[column]) {
            if (starts[row] >= 0) yield { owner: row, hashes: hashes as Uint8Array };
            row++;
          }
        }
      }
    },
  };
}

async function addCuts(
  task: PhaseTask<SelectOptions>,
  { kind, starts, firstRows, marks }: Copies,
  partition: number,
  cuts: Map<string, { length: number; spans: [number, number][] }>,
): Promise<void> {
  const column = places[kind].spans;
  let row = firstRows[partition];
  for await (const { keys, columns } of task.input(kind).part(partition).batches(['length', column])) {
    for (const [i, id] of keys.entries()) {
      const start = starts[row++];
      if (start < 0) continue;
      const bytes = columns[column][i] as Uint8Array;
      const spans = markedSpans(bytes, marks.subarray(start, start + bytes.length / 8));
      if (spans.length === 0) continue;
      const cut = cuts.get(id) ?? { length: columns.length[i] as number, spans: [] };
      cuts.set(id, { ...cut, spans: [...cut.spans, ...spans] });
    }
  }
}
