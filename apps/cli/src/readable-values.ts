// A row as JSON that a person can read and a program can count with: numbers as they are, bytes by what they hold. The
// layouts of columns of bytes are those of docs/formats.md.

import type { ColumnType, Row, Value } from '@gristmill/core';

type Layout = 'hashes' | 'digests' | 'spans' | 'marks';

const layouts: Readonly<Record<string, Readonly<Record<string, Layout>>>> = {
  'dedup/signatures': { bands: 'digests', sketch: 'marks' },
  'passages/prints': { prints: 'hashes' },
  'passages/shared': { marks: 'marks' },
  'passages/repeats': { grams: 'hashes', spans: 'spans' },
  'paragraphs/pieces': { lines: 'hashes', paragraphs: 'hashes' },
  'paragraphs/shared': { lines: 'marks', paragraphs: 'marks' },
  'paragraphs/repeats': {
    lines: 'hashes',
    paragraphs: 'hashes',
    lineSpans: 'spans',
    paragraphSpans: 'spans',
  },
  'pack/documents': { mask: 'marks' },
};

/** @param types of the columns; one that is absent in the row is left out */
export function readableRow(
  table: string,
  row: Row,
  types: ReadonlyMap<string, ColumnType>,
): Record<string, unknown> {
  const shown: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined) continue;
    if (table === 'pack/documents' && name === 'tokens')
      shown[name] = tokenIds(value as Uint8Array, row.count);
    else if (types.get(name) === 'bytes')
      shown[name] = readableBytes(value as Uint8Array, layouts[table]?.[name]);
    else shown[name] = readableNumber(value);
  }
  return shown;
}

/** JSON has no word for these. */
function readableNumber(value: Value): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function readableBytes(bytes: Uint8Array, layout: Layout | undefined): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = (size: number) => Array.from({ length: bytes.length / size }, (_, i) => i * size);
  switch (layout) {
    case 'hashes':
      return words(8).map((at) => view.getBigUint64(at, true).toString(16).padStart(16, '0'));
    case 'digests':
      return words(4).map((at) => view.getUint32(at, true).toString(16).padStart(8, '0'));
    case 'spans':
      return readSpans(words(8).map((at) => [view.getUint32(at, true), view.getUint32(at + 4, true)]));
    case 'marks':
      return [...bytes];
    default:
      return textOrBase64(bytes);
  }
}

/** A start is how far it lies behind the start before. */
function readSpans(pairs: readonly number[][]): number[][] {
  let start = 0;
  return pairs.map(([step, length]) => [(start += step), start + length]);
}

function textOrBase64(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // no text
  }
  return { base64: Buffer.from(bytes).toString('base64') };
}

/** Two or four bytes each; `count` of them. Without their number they are bytes. */
function tokenIds(bytes: Uint8Array, count: Value): unknown {
  const width = bytes.length / Number(count);
  if (bytes.length === 0) return [];
  if (width !== 2 && width !== 4) return textOrBase64(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Number(count) }, (_, i) =>
    width === 2 ? view.getUint16(i * 2, true) : view.getUint32(i * 4, true),
  );
}
