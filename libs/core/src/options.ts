// What a recipe may say to a stage, an importer or a crawler: a schema that is data, so that one text checks a recipe,
// fills in defaults, types the code that reads them and prints the reference. Relations between options are the owner's.

import { DataError } from './data-error.ts';
import { suggestName } from './nearest-name.ts';
import type { Json, JsonObject } from './json.ts';

/** `strings` = one or a list; `list` = strings; `lists` = lists of strings by name; `object` without members is open. */
export type OptionType =
  'string' | 'integer' | 'number' | 'boolean' | 'strings' | 'list' | 'lists' | 'object' | 'json';

export interface OptionSpec {
  readonly type: OptionType;
  /** One sentence or two, for the reference. */
  readonly description: string;
  /** Filled in by `resolveOptions`. */
  readonly default?: Json;
  /** What happens without it, where that is no plain value. */
  readonly otherwise?: string;
  readonly required?: boolean;
  readonly values?: readonly string[];
  readonly least?: number;
  readonly most?: number;
  readonly nullable?: boolean;
  /** Of an object: its own options. */
  readonly members?: OptionSchema;
}

export type OptionSchema = { readonly [name: string]: OptionSpec };

type Plain = {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
  strings: string | readonly string[];
  list: readonly string[];
  lists: { readonly [name: string]: readonly string[] };
  json: Json;
};
type ObjectOf<S extends OptionSpec> = S extends { members: infer M extends OptionSchema }
  ? OptionsOf<M>
  : JsonObject;
type ValueOf<S extends OptionSpec> =
  | (S extends { values: readonly (infer V)[] }
      ? V
      : S['type'] extends keyof Plain
        ? Plain[S['type']]
        : ObjectOf<S>)
  | (S extends { nullable: true } ? null : never);

/** Options as a recipe writes them. */
export type OptionsOf<S extends OptionSchema> = { readonly [N in keyof S]?: ValueOf<S[N]> };

/** Options with defaults filled in. */
export type ResolvedOptions<S extends OptionSchema> = {
  readonly [N in keyof S]: S[N] extends { default: unknown } | { required: true }
    ? ValueOf<S[N]>
    : ValueOf<S[N]> | undefined;
};

/** Whose options they are, and the code of its errors: `unknown-option` and `bad-option` unless it has one of its own. */
export interface OptionsOwner {
  readonly name: string;
  readonly code?: string;
}

/**
 * @throws DataError for a name that does not exist (with the one that was meant), a value that does not fit, or a
 * required option that is missing
 */
export function checkOptions(schema: OptionSchema, options: JsonObject, owner: OptionsOwner): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(schema, name)) throw unknownOption(name, Object.keys(schema), owner);
    const spec = schema[name];
    if (value === null && spec.nullable) continue;
    if (!isValue(spec, value)) throw wrongValue(name, spec, value, owner);
    if (spec.members)
      checkOptions(spec.members, value as JsonObject, { ...owner, name: `${name} of ${owner.name}` });
  }
  const missing = Object.keys(schema).find((name) => schema[name].required && options[name] === undefined);
  if (missing === undefined) return;
  throw new DataError(
    owner.code ?? 'bad-option',
    `${owner.name} needs the option ${missing}`,
    `it is ${spellType(schema[missing])}: ${schema[missing].description}`,
  );
}

/** Checks, and fills in defaults. */
export function resolveOptions<const S extends OptionSchema>(
  schema: S,
  options: JsonObject,
  owner: OptionsOwner,
): ResolvedOptions<S> {
  checkOptions(schema, options, owner);
  const filled = Object.entries(schema).map(([name, spec]) => [
    name,
    options[name] ?? nullOr(spec, options[name]),
  ]);
  return Object.fromEntries(filled) as ResolvedOptions<S>;
}

function nullOr(spec: OptionSpec, value: Json | undefined): Json | undefined {
  return value === null ? null : spec.default;
}

export function unknownOption(name: string, known: readonly string[], owner: OptionsOwner): DataError {
  const list = known.length === 0 ? 'it has none' : `its options: ${known.join(', ')}`;
  return new DataError(
    owner.code ?? 'unknown-option',
    `${owner.name} has no option ${name}`,
    suggestName(name, known, list),
  );
}

function wrongValue(name: string, spec: OptionSpec, value: Json, owner: OptionsOwner): DataError {
  const guess = typeof value === 'string' && spec.values ? suggestName(value, spec.values, '') : '';
  return new DataError(
    owner.code ?? 'bad-option',
    `${JSON.stringify(value)} is no value for ${name} of ${owner.name}`,
    `${guess}it is ${spellType(spec)}`,
  );
}

const isStrings = (value: Json): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Whether the value fits, its members aside. */
export function isValue(spec: OptionSpec, value: Json): boolean {
  const { type, values, least = -Infinity, most = Infinity } = spec;
  if (values) return typeof value === 'string' && values.includes(value);
  if (type === 'integer' || type === 'number') {
    const isKind = type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value);
    return isKind && (value as number) >= least && (value as number) <= most;
  }
  if (type === 'strings') return typeof value === 'string' || isStrings(value);
  if (type === 'list') return isStrings(value);
  if (type === 'lists')
    return isObject(value) && Object.values(value).every((list) => list !== undefined && isStrings(list));
  if (type === 'object') return isObject(value);
  return type === 'json' || typeof value === type;
}

const typeNames: Readonly<Record<OptionType, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  strings: 'a string or a list of strings',
  list: 'a list of strings',
  lists: 'lists of strings by name',
  object: 'an object',
  json: 'a JSON value',
};

/** The type in words: `an integer from 1 to 10`, `text or markdown`. */
export function spellType(spec: OptionSpec): string {
  const { type, values, least, most, nullable, members } = spec;
  const tail = nullable ? ', or null' : '';
  if (values) return `${values.join(' or ')}${tail}`;
  const range =
    least !== undefined && most !== undefined
      ? ` from ${least} to ${most}`
      : least !== undefined
        ? ` of at least ${least}`
        : most !== undefined
          ? ` of at most ${most}`
          : '';
  const inside = members ? ` with ${Object.keys(members).join(', ')}` : '';
  return `${typeNames[type]}${range}${inside}${tail}`;
}
