// Reading config.json as transformers writes it: a key that is absent has its class's default, one that asks for what is
// not computed here is refused by name.

import { DataError } from '@gristmill/core';

export type ConfigJson = Readonly<Record<string, unknown>>;

/** @throws DataError `wrong-config` */
export function readNumber(json: ConfigJson, name: string, otherwise: number): number {
  const value = json[name] ?? otherwise;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw wrongConfig(name, value, 'it is a number of at least 0');
}

/** A number that may be absent or null. @throws DataError `wrong-config` */
export function readOptionalNumber(json: ConfigJson, name: string): number | undefined {
  return json[name] === undefined || json[name] === null ? undefined : readNumber(json, name, 0);
}

/** @throws DataError `wrong-config` */
export function readFlag(json: ConfigJson, name: string, otherwise: boolean): boolean {
  const value = json[name] ?? otherwise;
  if (typeof value === 'boolean') return value;
  throw wrongConfig(name, value, 'it is true or false');
}

/**
 * One of several words, as what it stands for here.
 * @throws DataError `not-modelled`
 */
export function readChoice<T>(
  json: ConfigJson,
  name: string,
  choices: Readonly<Record<string, T>>,
  otherwise: string,
): T {
  const value = String(json[name] ?? otherwise);
  if (Object.hasOwn(choices, value)) return choices[value];
  throw notModelled(json, name, value, `it can be ${Object.keys(choices).join(', ')}`);
}

/** The token that ends a text, and what else ends one: transformers writes one number or a list. */
export function readEndTokens(
  json: ConfigJson,
  otherwise: number,
): { eosTokenId: number; otherEnds?: number[] } {
  const given = json.eos_token_id ?? otherwise;
  const [first, ...rest] = Array.isArray(given) ? (given as unknown[]) : [given];
  const isToken = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
  if (isToken(first) && rest.every(isToken))
    return { eosTokenId: first, ...(rest.length > 0 ? { otherEnds: rest } : {}) };
  throw wrongConfig('eos_token_id', given, 'it is a token or a list of tokens');
}

/**
 * Refuses every key whose value is neither absent, nor null, nor the one that is computed.
 * @throws DataError `not-modelled`
 */
export function refuseOthers(json: ConfigJson, fixed: ConfigJson): void {
  for (const [key, only] of Object.entries(fixed)) {
    const value = json[key];
    if (value === undefined || value === null || value === only) continue;
    throw notModelled(json, key, JSON.stringify(value), 'give a model without it');
  }
}

export function notModelled(json: ConfigJson, key: string, value: string, hint: string): DataError {
  return new DataError(
    'not-modelled',
    `config.json asks for ${key} ${value}, which is not computed here for ${String(json.model_type)}`,
    hint,
  );
}

export function wrongConfig(name: string, value: unknown, hint: string): DataError {
  return new DataError('wrong-config', `${name} in config.json is ${JSON.stringify(value)}`, hint);
}

/** The value, or undefined where it is the usual one, so that a configuration says only what is special. */
export const unless = <T>(value: T, usual: T): T | undefined => (value === usual ? undefined : value);

/** Without the fields that are undefined. */
export function compact<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
