// Rows of a text export for its tests: all kinds of values, absent ones, texts that compress well, badly and not at all.
import { createRandom } from '@gristmill/core';
import type { ExportRow, TextExportOptions } from '@gristmill/shards';

export const columns: TextExportOptions['columns'] = [
  { name: 'id', type: 'string' },
  { name: 'text', type: 'string' },
  { name: 'title', type: 'string', optional: true },
  {
    name: 'signals',
    fields: [
      { name: 'words', type: 'int32', optional: true },
      { name: 'share', type: 'float64', optional: true },
      { name: 'script', type: 'string', optional: true },
      { name: 'long', type: 'boolean', optional: true },
    ],
  },
];

export function makeExportRows(count: number, seed = 7): ExportRow[] {
  const random = createRandom(seed);
  const letters = 'abcdefghijklmnopqrstuvwxyz ÄÖÜ𝄞的\n"\\';
  return Array.from({ length: count }, (_, i) => {
    const length = i % 50 === 3 ? 20_000 : Math.floor(random() * 600);
    const alphabet = i % 3 === 0 ? [...'ab '] : [...letters];
    const text = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
    const signals = { words: i, share: i % 4 === 0 ? undefined : i / 7, script: 'Latn', long: length > 300 };
    return { id: `id-${i}`, text, title: i % 2 === 0 ? undefined : `title ${i}`, signals };
  });
}

/** As readers give it back that know no `undefined`. */
export const plainRows = (rows: readonly ExportRow[]) => JSON.parse(JSON.stringify(rows)) as ExportRow[];

export async function* stream(rows: readonly ExportRow[]): AsyncGenerator<ExportRow> {
  yield* rows;
}
