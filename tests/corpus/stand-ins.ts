// Small stages for the tests of the engine: the shape of the real ones, a few lines each, no library behind them.
import { readFile } from 'node:fs/promises';
import {
  documentId,
  sha256,
  verdictRow,
  DataError,
  type RawItem,
  type RowStage,
  type Row,
} from '@gristmill/core';
import type { BarrierStage, Importer, TrainingStage } from '@gristmill/corpus';

/** A text file is an item; a .jsonl file gives an item a line, named by its `id`, or by its `url`. */
export const linesImporter: Importer = {
  name: 'lines',
  version: 1,
  async *items({ source, path, location }): AsyncGenerator<RawItem> {
    const text = await readFile(location, 'utf8');
    const lines = path.endsWith('.jsonl') ? text.split('\n').filter((line) => line !== '') : [undefined];
    for (const line of lines) {
      const {
        id: item,
        url,
        text: body,
      } = line === undefined ? { text } : (JSON.parse(line) as Record<string, string>);
      const named = { ...source, path, item, url };
      yield {
        id: documentId(url ? { name: source.name, url } : named),
        bytes: new TextEncoder().encode(body),
        mediaType: 'text/plain',
        source: named,
      };
    }
  },
};

const letters = (text: string) => text.replace(/[^a-z ]/gi, '').length;

export const extractStage: RowStage = {
  name: 'extract',
  version: 1,
  reads: ['bytes', 'mediaType'],
  columns: [
    { name: 'text', type: 'string' },
    { name: 'title', type: 'string' },
  ],
  create: () => (row) => {
    const text = new TextDecoder().decode(row.bytes as Uint8Array);
    if (text.includes('CRASH')) throw new Error('a fault of the stage');
    if (letters(text) < 3) return verdictRow(row.id, { stage: 'extract', reason: 'empty' });
    return { id: row.id, text, title: text.slice(0, 10) };
  },
};

export const cleanStage: RowStage = {
  name: 'clean',
  version: 1,
  reads: ['text'],
  columns: [
    { name: 'text', type: 'string' },
    { name: 'counts', type: 'json' },
  ],
  create(options) {
    const unknown = Object.keys(options).find((name) => name !== 'lower');
    if (unknown !== undefined)
      throw new DataError('wrong-option', `clean has no option ${unknown}`, 'its option is lower');
    return ({ id, text }) => ({
      id,
      text: (options.lower ? (text as string).toLowerCase() : (text as string)).trimEnd(),
      counts: { trimmed: 1 },
    });
  },
};

export const lengthStage: RowStage = {
  name: 'annotate-length',
  version: 1,
  reads: ['text', 'sourceName'],
  columns: [
    { name: 'length', type: 'int32' },
    { name: 'score', type: 'float64' },
  ],
  create: () => (row) => ({
    id: row.id,
    length: (row.text as string).length,
    score: letters(row.text as string) / 7,
  }),
};

/** Exact duplicates: digests sorted into the partition of their hash, then the least id of each is kept. */
export const dedupStage: BarrierStage = {
  name: 'dedup',
  version: 1,
  phases: [
    {
      name: 'digests',
      over: 'partition',
      inputs: () => [{ name: 'documents', columns: ['text', 'verdict'], parts: 'same' }],
      tables: [{ name: 'digests', key: 'digest', columns: [{ name: 'id', type: 'string' }] }],
      async run(task) {
        const rows: Row[] = [];
        for await (const row of task.input('documents').part(task.partition!).readRows(['text', 'verdict'])) {
          if (row.verdict === undefined) rows.push({ digest: sha256(row.text as string), id: row.id });
          await task.progress(1);
        }
        const writer = await task.write('digests');
        await writer.writeAll(rows.sort((a, b) => ((a.digest as string) < (b.digest as string) ? -1 : 1)));
      },
    },
    {
      name: 'choose',
      over: 'whole',
      inputs: () => [{ name: 'digests', table: 'digests', columns: ['id'], parts: 'all' }],
      tables: [{ name: 'kept', columns: [{ name: 'twins', type: 'int32' }] }],
      async run(task) {
        const best = new Map<string, { id: string; twins: number }>();
        for (const part of task.input('digests').parts) {
          for await (const row of part.readRows(['id'])) {
            const digest = row.digest as string;
            const other = best.get(digest);
            best.set(digest, {
              id: other && other.id < row.id ? other.id : row.id,
              twins: (other?.twins ?? -1) + 1,
            });
          }
        }
        const kept = [...best.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
        for (const row of kept) {
          const partition = Math.floor(parseInt(row.id.slice(0, 4), 16) / (65_536 / task.partitions));
          await (await task.write('kept', partition)).write(row);
        }
        task.count('documentsOut', kept.length);
      },
    },
  ],
};

/** "Trains" a tokenizer: the sorted set of characters. */
export const tokenizerStage: TrainingStage = {
  name: 'tokenizer',
  version: 1,
  artefact: 'tokenizer',
  inputs: () => [{ name: 'documents', columns: ['text', 'verdict'], parts: 'all' }],
  async train(task) {
    const seen = new Set<string>();
    for (const part of task.input('documents').parts) {
      for await (const { text } of part.readRows(['text', 'verdict']))
        for (const c of (text as string) ?? '') seen.add(c);
    }
    return new TextEncoder().encode([...seen].sort().join(''));
  },
};

/** "Tokens": one file a partition under its digest, an index whose name stays. */
export const packStage: BarrierStage = {
  name: 'pack',
  version: 1,
  artefacts: () => ['tokenizer'],
  phases: [
    {
      name: 'shards',
      over: 'whole',
      inputs: () => [
        { name: 'kept', table: 'dedup/kept', columns: ['twins'], parts: 'all' },
        { name: 'documents', columns: ['text'], parts: 'all' },
      ],
      tables: [],
      async run(task) {
        const alphabet = new TextDecoder().decode(task.artefacts.get('tokenizer'));
        const index: string[] = [];
        for (const part of task.input('kept').parts) {
          const ids: string[] = [];
          for await (const batch of part.batches([])) ids.push(...batch.keys);
          const rows = await task.input('documents').get(ids, ['text']);
          const sorted = rows.sort((a, b) => (a.id < b.id ? -1 : 1));
          const tokens = sorted.flatMap(({ text }) =>
            [...(text as string)].map((c) => alphabet.indexOf(c) & 255),
          );
          const name = `shard-${sha256(Uint8Array.from(tokens)).slice(0, 16)}.bin`;
          await task.writeFile(name, [Uint8Array.from(tokens)]);
          index.push(name);
          task.count('tokens', tokens.length);
        }
        await task.replaceFile('index.json', JSON.stringify(index));
      },
    },
  ],
};
