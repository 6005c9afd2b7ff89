// Whether two tokenizer.json files give the same tokens. Other programs write the same tokenizer with other spaces, keys
// in another order, merges as pairs or as text, and defaults spelled out, so contents are compared and not bytes.

import { DataError, hashJson, type Json } from '@gristmill/core';

interface TokenizerJson {
  readonly model?: Readonly<Record<string, unknown>>;
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
}

/**
 * @param where the model directory, for messages
 * @throws DataError `tokenizer-differs` with what differs first
 */
export function checkSameTokenizer(where: string, model: Uint8Array, shards: Uint8Array): void {
  if (Buffer.from(model).equals(shards)) return;
  const [ours, theirs] = [parse(model), parse(shards)];
  const difference =
    ours && theirs ? describeDifference(ours, theirs) : 'its tokenizer.json cannot be read as JSON';
  if (difference === undefined) return;
  throw new DataError(
    'tokenizer-differs',
    `the model in ${where} was trained with another tokenizer than the shards: ${difference}`,
    'pack shards with the tokenizer.json of that model',
  );
}

function parse(bytes: Uint8Array): TokenizerJson | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as TokenizerJson;
  } catch {
    return undefined;
  }
}

function describeDifference(model: TokenizerJson, shards: TokenizerJson): string | undefined {
  const [ids, shardIds] = [model, shards].map(tokensById);
  for (const id of new Set([...ids.keys(), ...shardIds.keys()])) {
    const [here, there] = [ids.get(id), shardIds.get(id)];
    if (here !== there) return `token ${id} is ${show(here)} there and ${show(there)} here`;
  }
  for (const part of ['normalizer', 'pre_tokenizer'] as const)
    if (digest(model[part]) !== digest(shards[part])) return `their ${part} differs`;
  if (digest(mergesOf(model)) !== digest(mergesOf(shards))) return 'their merges differ';
  const rest = ({ model: { vocab: _v, merges: _m, ...other } = {} }: TokenizerJson) => other;
  return digest(rest(model)) === digest(rest(shards)) ? undefined : 'their model differs';
}

const show = (token: string | undefined) => (token === undefined ? 'none' : JSON.stringify(token));

/** A vocabulary is an object token → id or, of a unigram model, a list of [token, score]. */
function tokensById({ model, added_tokens: added = [] }: TokenizerJson): Map<number, string> {
  const vocab = (model?.vocab ?? {}) as Readonly<Record<string, number>> | readonly [string, number][];
  const entries: (readonly [number, string])[] = Array.isArray(vocab)
    ? (vocab as readonly [string, number][]).map(([token, score], id) => [id, `${token} ${score}`] as const)
    : Object.entries(vocab as Readonly<Record<string, number>>).map(([token, id]) => [id, token] as const);
  const tokens = new Map(entries);
  for (const { id, content } of added) if (!tokens.has(id)) tokens.set(id, content);
  return new Map([...tokens].sort(([a], [b]) => a - b));
}

/** `"a b"` and `["a", "b"]` are the same merge. */
function mergesOf({ model }: TokenizerJson): readonly string[] {
  const merges = (model?.merges ?? []) as readonly (string | readonly string[])[];
  return merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
}

/** Of a value without the fields that say no more than their absence would. */
const digest = (value: unknown) => hashJson((dropDefaults(value) ?? null) as Json);

function dropDefaults(value: unknown): unknown {
  if (value === null || value === false) return undefined;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => dropDefaults(item) ?? null);
  const kept = Object.entries(value)
    .map(([name, item]) => [name, dropDefaults(item)] as const)
    .filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept);
}
