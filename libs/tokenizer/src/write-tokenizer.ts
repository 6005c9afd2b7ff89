// A tokenizer.json from bytes and back to bytes, laid out as Hugging Face's tokenizers writes it, so that a file of theirs
// comes back byte for byte: two spaces a level, a vocabulary in the order of ids, scores with a decimal point. Fields that
// nobody here knows stay.

import { damaged } from './refusal.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

/** DataError `damaged-tokenizer` when it is none. */
export function parseTokenizerJson(bytes: Uint8Array): TokenizerJson<object> {
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes)) as TokenizerJson<object> | null;
    if (json !== null && typeof json === 'object' && typeof json.model === 'object' && json.model !== null)
      return { ...json, added_tokens: json.added_tokens ?? [] };
  } catch {
    // falls through to the same error
  }
  throw damaged('this is no tokenizer.json');
}

/** Bytes that depend on the content alone. */
export function writeTokenizerFile(json: TokenizerJson<object>): Uint8Array {
  const { model, ...head } = json;
  const fields = [
    ...Object.entries(head).map(([name, value]) => [name, indent(plain(value), 1)] as const),
    ['model', writeModel(model)] as const,
  ];
  return new TextEncoder().encode(writeFields(fields, 0));
}

function writeModel(model: object): string {
  const fields = Object.entries(model).map(([name, value]: [string, unknown]) => {
    if (name === 'dropout' && typeof value === 'number') return [name, decimal(value)] as const;
    if (name !== 'vocab') return [name, indent(plain(value), 2)] as const;
    return [name, Array.isArray(value) ? writePieces(value) : writeVocabulary(value as object)] as const;
  });
  return writeFields(fields, 1);
}

/** By id, whatever the order of the members: JavaScript puts names that are digits first. */
function writeVocabulary(vocab: object): string {
  const entries = Object.entries(vocab) as [string, number][];
  entries.sort(([, a], [, b]) => a - b);
  return writeFields(
    entries.map(([token, id]) => [token, String(id)] as const),
    2,
  );
}

function writePieces(pieces: readonly unknown[]): string {
  if (pieces.length === 0) return '[]';
  const lines = pieces.map((piece) => {
    const [text, score] = piece as [string, number];
    return `      [\n        ${JSON.stringify(text)},\n        ${decimal(score)}\n      ]`;
  });
  return `[\n${lines.join(',\n')}\n    ]`;
}

function writeFields(fields: readonly (readonly [string, string])[], level: number): string {
  if (fields.length === 0) return '{}';
  const margin = '  '.repeat(level);
  const lines = fields.map(([name, value]) => `${margin}  ${JSON.stringify(name)}: ${value}`);
  return `{\n${lines.join(',\n')}\n${margin}}`;
}

function plain(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

/** Strings hold no line break of their own in JSON. */
function indent(text: string, level: number): string {
  return text.replaceAll('\n', `\n${'  '.repeat(level)}`);
}

const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));
