// Evaluation sets as one file that a recipe pins: every item by its set and id, as the words that contamination compares.
// Items come from JSON lines (some fields, or every string but the id) or from text (blocks apart by blank lines).

import { canonicalJson, DataError, sha256, type Json } from '@gristmill/core';
import { plainText } from './plain-words.ts';

export interface EvaluationItem {
  readonly set: string;
  readonly id: string;
  /** Plain words, one space between. */
  readonly words: string;
}

export interface EvaluationOptions {
  /** Words of an n-gram that counts as a hit. */
  readonly ngram: number;
  /** A shorter item counts when it is found whole and has so many words; items below are not looked for. */
  readonly leastWords: number;
}

/** GPT-3: 13-grams, and whole items from 8 words on. */
export const evaluationDefaults: EvaluationOptions = { ngram: 13, leastWords: 8 };

export interface EvaluationSets extends EvaluationOptions {
  readonly items: readonly EvaluationItem[];
}

const format = 'gristmill-evaluation';

/** @param fields of JSON lines, joined by line ends; absent: `text`, or else every string but `id` */
export function readEvaluationFile(
  content: string,
  { set, file, fields }: { set: string; file: string; fields?: readonly string[] },
): EvaluationItem[] {
  const isJson = content.trimStart().startsWith('{');
  const pieces = isJson ? content.split('\n') : content.split(/\n(?:[ \t\r]*\n)+/);
  return pieces.flatMap((piece, i) => {
    if (piece.trim() === '') return [];
    const place = `${file}:${i + 1}`;
    const { id = place, text } = isJson ? readLine(piece, place, fields) : { text: piece };
    return { set, id, words: plainText(text) };
  });
}

function readLine(line: string, place: string, fields: readonly string[] | undefined) {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line) as Record<string, unknown>;
  } catch (cause) {
    throw new DataError(
      'evaluation-file',
      `${place} is no JSON`,
      'an evaluation set has one JSON object a line',
      {
        cause,
      },
    );
  }
  const names =
    fields ??
    (typeof value.text === 'string' ? ['text'] : Object.keys(value).filter((name) => name !== 'id'));
  const missing = fields?.find((name) => value[name] === undefined);
  if (missing !== undefined)
    throw new DataError(
      'evaluation-file',
      `${place} has no field ${missing}`,
      'name fields that every item has',
    );
  const id = typeof value.id === 'string' || typeof value.id === 'number' ? String(value.id) : undefined;
  return { id, text: names.flatMap((name) => stringsOf(value[name])).join('\n') };
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(stringsOf) : [];
}

/** Names an item by its words, whatever its set and id: 32 hex digits. */
export function evaluationDigest(words: string): string {
  return sha256(words).slice(0, 32);
}

/** Canonical JSON, items by set and id. @throws DataError for two items of one set and id */
export function encodeEvaluationSets({ ngram, leastWords, items }: EvaluationSets): Uint8Array {
  const sorted = [...items].sort((a, b) => compare(a.set, b.set) || compare(a.id, b.id));
  const twice = sorted.find(
    (item, i) => i > 0 && sorted[i - 1].set === item.set && sorted[i - 1].id === item.id,
  );
  if (twice) {
    throw new DataError(
      'evaluation-file',
      `the set ${twice.set} has two items ${twice.id}`,
      'give each item its own id, or none',
    );
  }
  const rows = sorted.map(({ set, id, words }) => [set, id, words]);
  return Buffer.from(canonicalJson({ format, version: 1, ngram, leastWords, items: rows } as Json));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @throws DataError `evaluation-file` for other bytes */
export function decodeEvaluationSets(bytes: Uint8Array): EvaluationSets {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      format: string;
      version: number;
      ngram: number;
      leastWords: number;
      items: [string, string, string][];
    };
    if (value.format === format && value.version === 1) {
      const { ngram, leastWords } = value;
      return { ngram, leastWords, items: value.items.map(([set, id, words]) => ({ set, id, words })) };
    }
  } catch {
    // the same error as for another format
  }
  throw new DataError(
    'evaluation-file',
    'these are no pinned evaluation sets',
    'pin them anew with --retrain',
  );
}
