// A tokenizer.json of byte-level BPE whose text is cut by one pattern: what the fast encoder runs. Anything else goes
// the general way.

import { textToBytes } from './byte-alphabet.ts';
import { readComponents, type Component } from './json-component.ts';
import { translatePattern } from './oniguruma/translate-pattern.ts';
import { gpt2Pattern, gpt2Spelling, o200kPattern } from './pretokenize-pattern.ts';
import { damaged } from './refusal.ts';
import { createByteLevelBpe, type Tokenizer } from './tokenizer.ts';

export interface ByteLevelParts {
  readonly model: Component;
  readonly preTokenizer: unknown;
  /** Spellings of the special tokens, which no text is. */
  readonly special: ReadonlyMap<string, number>;
}

/** Undefined where the file is not of this kind. Texts are encoded without added tokens and normalizer. */
export function openByteLevel({ model, preTokenizer, special }: ByteLevelParts): Tokenizer | undefined {
  const pattern = readOnePattern(preTokenizer as Component | null);
  if (pattern === undefined || (model.type ?? 'BPE') !== 'BPE') return undefined;
  const marked = [model.byte_fallback, model.continuing_subword_prefix, model.end_of_word_suffix];
  if (marked.some(Boolean)) return undefined;
  const ids = new Map(Object.entries(model.vocab as Record<string, number>));
  const vocabulary = readBytes(ids, special);
  if (!vocabulary) return undefined;
  const merges = model.merges as readonly (string | readonly [string, string])[];
  return createByteLevelBpe({
    vocabulary,
    merges: [...readMerges(merges, ids)],
    pattern,
    special: new Map(),
    wholePieces: model.ignore_merges === true,
  });
}

/** Bytes by id; undefined unless every byte is a token and every token is spelled in bytes. */
function readBytes(
  ids: ReadonlyMap<string, number>,
  special: ReadonlyMap<string, number>,
): (Uint8Array | undefined)[] | undefined {
  const vocabulary: (Uint8Array | undefined)[] = [];
  const single = new Set<number>();
  for (const [token, id] of ids) {
    if (special.has(token)) continue;
    const bytes = textToBytes(token);
    if (!bytes) return undefined;
    vocabulary[id] = bytes;
    if (bytes.length === 1) single.add(bytes[0]);
  }
  return single.size === 256 ? vocabulary : undefined;
}

function* readMerges(
  merges: readonly (string | readonly [string, string])[],
  ids: ReadonlyMap<string, number>,
): Generator<readonly [number, number, number, number]> {
  for (const [rank, merge] of merges.entries()) {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge;
    const [leftId, rightId, mergedId] = [ids.get(left), ids.get(right), ids.get(left + right)];
    if (leftId === undefined || rightId === undefined || mergedId === undefined)
      throw damaged(`merge ${rank} (${left} ${right}) names a token that the vocabulary lacks`);
    yield [leftId, rightId, mergedId, rank];
  }
}

/** The pattern of [Split, ByteLevel] or of ByteLevel alone. */
function readOnePattern(component: Component | null): RegExp | undefined {
  if (!component) return undefined;
  const parts = component.type === 'Sequence' ? readComponents(component, 'pretokenizers') : [component];
  const last = parts.at(-1);
  if (last?.type !== 'ByteLevel' || (last.add_prefix_space ?? true) !== false || parts.length > 2)
    return undefined;
  const usesOwn = (last.use_regex ?? true) !== false;
  if (parts.length === 1) return new RegExp(usesOwn ? gpt2Pattern : '[^]+', 'gu');
  const [split] = parts;
  const spelling = (split.pattern as { Regex?: unknown } | undefined)?.Regex;
  const isPlain = split.type === 'Split' && split.behavior === 'Isolated' && split.invert !== true;
  if (usesOwn || !isPlain || typeof spelling !== 'string') return undefined;
  const published = knownSpellings.get(spelling);
  return published === undefined ? coverAll(spelling) : new RegExp(published, 'gu');
}

// cl100k_base is not among them: its `$` is the end of the text, Oniguruma's is the end of any line.
const knownSpellings: ReadonlyMap<string, string> = new Map([
  [gpt2Spelling, gpt2Pattern],
  ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", gpt2Pattern],
  [o200kPattern.replaceAll('\\p{White_Space}', '\\s').replaceAll('\\P{White_Space}', '\\S'), o200kPattern],
]);

/** What a pattern leaves between its matches is a piece too. */
function coverAll(spelling: string): RegExp {
  const source = translatePattern(spelling);
  return new RegExp(`${source}|(?:(?!${source})[^])+`, 'gv');
}
