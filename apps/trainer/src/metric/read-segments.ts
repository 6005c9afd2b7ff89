// JSON lines {id?, hyp, ref}; ref is a text, or a list of texts of which each is right.

import { readObjects } from '../json-objects.ts';
import type { Segment } from './segment.ts';

/** @throws DataError `input-unreadable`, `not-json-lines` */
export async function readSegments(file: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for await (const { object, number, refuse } of readObjects(file, '{"id":"1","hyp":"…","ref":"…"}')) {
    const { id, hyp, ref } = object;
    const references: unknown = typeof ref === 'string' ? [ref] : ref;
    if (typeof hyp !== 'string') throw refuse('a text hyp');
    if (!isTexts(references)) throw refuse('a text or a list of texts ref');
    segments.push({ id: String(id ?? number), hypothesis: hyp, references });
  }
  return segments;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string');
