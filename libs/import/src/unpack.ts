// Takes compression off: whatever a file is called, however often it was compressed. An archive of records (WARC) keeps
// its own, member by member.

import { compressionOf, decompressed, peekGzip, type Compression } from './compression.ts';
import { ContentError, readHead, type Content } from './content.ts';

export interface Unpacked {
  readonly content: Content;
  /** Its first bytes, 64 KiB at most. */
  readonly head: Buffer;
  /** The head is all there is. */
  readonly isWhole: boolean;
  /** The name without the endings of what was taken off. */
  readonly name: string;
  readonly layers: readonly Compression[];
}

const headBytes = 1 << 16;
const mostLayers = 4;

/** Throws ContentError: `empty`, `unreadable`, `damaged`, `too-deep`. */
export async function unpack(content: Content, name = ''): Promise<Unpacked> {
  const first = await readHead(content, headBytes);
  let current: Unpacked = { content, ...first, name, layers: [] };
  for (;;) {
    const compression = compressionOf(current.head);
    if (compression === undefined) break;
    if (current.layers.length === mostLayers) throw new ContentError('too-deep', compression);
    // Its reader finds records by their members, and goes on behind a damaged one.
    if (compression === 'gzip' && isRecordArchive(peekGzip(current.head)))
      return { ...current, name: plainName(current.name) };
    const inner = decompressed(current.content, compression);
    const { head, isWhole } = await readHead(inner, headBytes);
    const layers = [...current.layers, compression];
    current = { content: inner, head, isWhole, name: plainName(current.name), layers };
  }
  if (current.head.length === 0) throw new ContentError('empty');
  return current;
}

/** WARC, or ARC by the record that begins each file. */
export function isRecordArchive(head: Uint8Array): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 16)).toString('latin1');
  return start.startsWith('WARC/') || start.startsWith('filedesc://');
}

/** @example plainName('a/docs.jsonl.gz') // 'a/docs.jsonl' */
function plainName(name: string): string {
  return name
    .replace(/\.t(?:gz|bz2?|xz|zst)$/i, '.tar')
    .replace(/\.(?:gz|gzip|zst|zstd|bz2|bzip2|xz|z)$/i, '');
}
