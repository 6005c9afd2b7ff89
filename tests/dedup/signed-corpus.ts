// A small corpus at the door of dedup's phase `pairs`: signatures are made by the test, so that buckets and addresses of any
// size come about, and texts are short, so that similarities of all kinds do. Phases run through the engine's `runPhase`.
import { createRandom, sha256, type JsonObject } from '@gristmill/core';
import type { BarrierStage } from '@gristmill/corpus';
import { createPartWriter, partitionOf, type PartEntry, type TableDefinition } from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import { createPool } from '@gristmill/workers';
import { createMeter, createMeterCells } from '../../libs/corpus/src/meter.ts';
import type { Marker } from '../../libs/corpus/src/marker.ts';
import { runPhase, type BoundInput } from '../../libs/corpus/src/phase-task.ts';
import { pairPhase } from '../../libs/dedup/src/pair-phase.ts';
import { schemes, sketchBytes } from '../../libs/dedup/src/scheme.ts';
import { signatureTable } from '../../libs/dedup/src/signature-phase.ts';

export interface SignedDocument {
  readonly id: string;
  /** Number of its form; 0 = a text without words. */
  readonly form: number;
  /** Marks without words behind the text: other bytes of the same form. */
  readonly marks: number;
  /** Number of its address. */
  readonly address?: number;
}

export interface Shape {
  /** Band → how many buckets it has. */
  readonly buckets: readonly number[];
}

const partitions = 4;
const textTable: TableDefinition = { name: 'clean', columns: [{ name: 'text', type: 'string' }] };
const hex = (name: string): string => sha256(name).slice(0, 32);

/** Words of a few families of texts; a form of a family differs in some words. */
function wordsOf(form: number): string[] {
  const family = createRandom(form % 7);
  const own = createRandom(1000 + form);
  const share = [0, 0.02, 0.04, 0.3][form % 4];
  return Array.from({ length: 40 }, () => {
    const word = Math.floor(family() * 5000);
    return own() < share
      ? `own${form}x${word}`.replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)])
      : `w${wordName(word)}`;
  }).concat(`end${wordName(form)}`);
}

const wordName = (number: number): string =>
  String(number).replace(/\d/g, (digit) => 'klmnopqrst'[Number(digit)]);

function rowsOf({ id, form, marks, address }: SignedDocument, { buckets }: Shape) {
  const text = form === 0 ? '.'.repeat(marks + 1) : wordsOf(form).join(' ') + '!'.repeat(marks);
  const random = createRandom(form);
  const bands = new Uint8Array(schemes.default.bands * 4);
  const view = new DataView(bands.buffer);
  for (let band = 0; band < schemes.default.bands; band++) {
    const count = buckets[band % buckets.length];
    view.setUint32(band * 4, Math.floor(random() * count) * 0x01000193, true);
  }
  // A sketch has two values: pairs agree in more or fewer of 64 bytes than must be equal.
  const sketch = Uint8Array.from({ length: sketchBytes }, (_, i) =>
    random() < 0.45 ? i & 1 : Math.floor(random() * 256),
  );
  return {
    text: { id, text },
    signature: {
      id,
      hash: hex(`form ${form}`),
      words: form === 0 ? 0 : 41,
      length: text.length,
      bands,
      sketch,
      address: address === undefined ? undefined : hex(`address ${address}`),
    },
  };
}

export class SignedCorpus {
  private readonly store: Store;
  private readonly shape: Shape;
  private tables = 0;

  constructor(folder: string, shape: Shape) {
    this.store = openDiskStore({ root: folder, sync: false });
    this.shape = shape;
  }

  /** The inputs of `pairs`. */
  async inputs(documents: readonly SignedDocument[]): Promise<BoundInput[]> {
    const rows = documents
      .map((document) => rowsOf(document, this.shape))
      .sort((a, b) => (a.text.id < b.text.id ? -1 : 1));
    const texts = await this.writeTable(
      textTable,
      rows.map(({ text }) => text),
    );
    const parts = await this.writeTable(
      signatureTable,
      rows.map(({ signature }) => signature),
    );
    const columns = [['text', 'text']] as const;
    return [
      { name: 'signatures', kind: 'table', parts },
      {
        name: 'documents',
        kind: 'join',
        parts: texts.map((entry) => ({ partition: entry.partition, sources: [{ entry, columns }] })),
      },
    ];
  }

  private async writeTable(
    definition: TableDefinition,
    rows: readonly { id: string }[],
  ): Promise<PartEntry[]> {
    const table = ++this.tables;
    const parts: PartEntry[] = [];
    for (const [partition, own] of Map.groupBy(rows, ({ id }) => partitionOf(id, partitions))) {
      const path = `${definition.name}/${table}-${partition}.parquet`;
      const writer = createPartWriter(definition, await this.store.writer(path));
      await writer.writeAll(own);
      parts.push({ path, partition, ...(await writer.finish()) });
    }
    return parts.sort((a, b) => a.partition - b.partition);
  }

  /** Runs `pairs` with code of its own, after a previous run or from nothing. */
  async run(
    run: (typeof pairPhase)['run'],
    inputs: BoundInput[],
    previous?: { inputs: BoundInput[]; marker: Marker },
  ): Promise<Marker> {
    const stage = { name: 'dedup', version: 1, phases: [{ ...pairPhase, run }] } as unknown as BarrierStage;
    const task = { step: 'dedup', phase: 'pairs', partition: undefined, inputs: [] };
    const { marker } = await runPhase(
      {
        task: { ...task, id: hex(`run ${++this.tables}`).slice(0, 12), key: 'key' },
        options: {} as JsonObject,
        partitions,
        inputs,
        previous,
      },
      {
        store: this.store,
        stage,
        artefacts: new Map() as never,
        pool: createPool(0),
        meter: createMeter(createMeterCells()),
      },
    );
    return marker;
  }
}

/** What a run wrote, without the names that its task gave to the files. */
export function contentOf({ parts, counts }: Marker) {
  return {
    counts: { ...counts },
    parts: parts.map(({ table, partition, rows, sha256: digest }) => ({ table, partition, rows, digest })),
  };
}
