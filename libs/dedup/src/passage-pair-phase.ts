// Phase `pairs` of passages: which fingerprints are shared, and the pairs of documents of which one contains the other,
// verified on the texts. Fingerprints are grouped anew each time; similarities that the previous build measured are reused.

import type { Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import { partitionOf, type TableDefinition } from '@gristmill/shards';
import { proposeContained } from './contained-pairs.ts';
import { readForms } from './form-table.ts';
import { measurePairs } from './measure-texts.ts';
import type { PassageOptions } from './passage-options.ts';
import { markShared } from './shared-hashes.ts';
import { leastEdge } from './similar-pairs.ts';
import { openHashes } from './table-hashes.ts';

type Forms = Awaited<ReturnType<typeof readForms>>;

const tables: readonly TableDefinition[] = [
  {
    /** Only documents with a shared fingerprint. A byte for each of their fingerprints: 0, or how many texts have it. */
    name: 'shared',
    columns: [{ name: 'marks', type: 'bytes' }],
  },
  {
    name: 'pairs',
    key: 'a',
    columns: [
      { name: 'b', type: 'string' },
      { name: 'similarity', type: 'float64' },
    ],
  },
  {
    /** Pairs of at least .5, by documents: of each normal form the one of least id. `part` has fewer words. */
    name: 'contained',
    key: 'part',
    columns: [
      { name: 'whole', type: 'string' },
      { name: 'similarity', type: 'float64' },
      { name: 'partWords', type: 'int32' },
      { name: 'wholeWords', type: 'int32' },
    ],
  },
  {
    /** The same pairs from the other end, so that a document's excerpts can be looked up. */
    name: 'parts',
    key: 'whole',
    columns: [
      { name: 'part', type: 'string' },
      { name: 'similarity', type: 'float64' },
    ],
  },
];

export const passagePairPhase: Phase<PassageOptions> = {
  name: 'pairs',
  over: 'whole',
  inputs: () => [
    { name: 'documents', columns: ['text'], parts: 'all' },
    { name: 'prints', table: 'prints', columns: ['hash', 'words', 'length', 'prints'], parts: 'all' },
  ],
  tables,
  run: writePairs,
};

async function writePairs(task: PhaseTask<PassageOptions>): Promise<void> {
  const table = task.input('prints');
  const forms = await readForms(table);
  const hashes = await openHashes(table, 'prints');
  const proposals = proposeContained(forms.forms);
  const marks = await markShared(hashes, {
    formOf: forms.formOf,
    within: true,
    onShared: (members) => proposals.add(members),
  });
  await task.progress(0);
  for (let document = 0; document < forms.documents; document++) {
    const own = marks.subarray(hashes.starts[document], hashes.starts[document + 1]);
    if (!own.some((mark) => mark > 0)) continue;
    const id = forms.id(document);
    // One mark stands for all: how many texts share a fingerprint would change rows whose own texts did not.
    const writer = await task.write('shared', partitionOf(id, task.partitions));
    await writer.write({ id, marks: own.map((mark) => Math.min(mark, 1)) });
  }
  const sizes = Uint32Array.from(forms.firsts, (first) => hashes.starts[first + 1] - hashes.starts[first]);
  const codes = proposals.pairs(sizes);
  const similarities = await measurePairs(task, forms, codes, {
    measure: 'containment',
    previous: 'pairs',
  });
  await writeMeasured(task, forms, codes, similarities);
  task.count('boilerplate', proposals.boilerplate());
}

interface Contained {
  readonly part: string;
  readonly whole: string;
  readonly similarity: number;
  readonly partWords: number;
  readonly wholeWords: number;
}

async function writeMeasured(
  task: PhaseTask<PassageOptions>,
  forms: Forms,
  codes: Float64Array,
  similarities: Float64Array,
): Promise<void> {
  const contained: Contained[] = [];
  for (const [i, code] of codes.entries()) {
    const pair = [Math.floor(code / forms.forms), code % forms.forms];
    const [a, b] = pair.map((form) => forms.hash(form));
    const similarity = similarities[i];
    const writer = await task.write('pairs', partitionOf(a, task.partitions));
    // The key column stands for `id`.
    await writer.write({ a, b, similarity } as unknown as Row);
    if (similarity < leastEdge) continue;
    const documents = pair.map((form) => forms.firsts[form]);
    const [part, whole] = documents.sort((x, y) => forms.words[x] - forms.words[y] || x - y);
    contained.push({
      part: forms.id(part),
      whole: forms.id(whole),
      similarity,
      partWords: forms.words[part],
      wholeWords: forms.words[whole],
    });
  }
  contained.sort((x, y) => (x.part + x.whole < y.part + y.whole ? -1 : 1));
  for (const row of contained) {
    const writer = await task.write('contained', partitionOf(row.part, task.partitions));
    await writer.write(row as unknown as Row);
  }
  contained.sort((x, y) => (x.whole + x.part < y.whole + y.part ? -1 : 1));
  for (const { whole, part, similarity } of contained) {
    const writer = await task.write('parts', partitionOf(whole, task.partitions));
    await writer.write({ whole, part, similarity } as unknown as Row);
  }
  task.count('contained', contained.length);
}
