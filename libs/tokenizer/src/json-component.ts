// A component of a tokenizer.json (normalizer, pre-tokenizer, …) as data whose fields are read by name and type.

import { damaged, unsupported } from './refusal.ts';

/** An object with a type; its other fields are read by the functions below. */
export interface Component {
  readonly type: string;
  readonly [field: string]: unknown;
}

export function readComponent(value: unknown): Component {
  if (value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string')
    return value as Component;
  throw damaged(`${JSON.stringify(value)?.slice(0, 80)} is no component: it has no type`);
}

/** The components of a Sequence, under whichever name this kind of sequence has. */
export function readComponents(component: Component, field: string): Component[] {
  const list = component[field];
  if (!Array.isArray(list)) throw damaged(`a Sequence lacks its ${field}`);
  return list.map(readComponent);
}

export function readString(component: Component, field: string, otherwise?: string): string {
  const value = component[field] ?? otherwise;
  if (typeof value === 'string') return value;
  throw damaged(`${component.type} needs ${field}, a string`);
}

export function readBoolean(component: Component, field: string, otherwise: boolean): boolean {
  const value = component[field] ?? otherwise;
  if (typeof value === 'boolean') return value;
  throw damaged(`${field} of ${component.type} is not true or false`);
}

export function readCount(component: Component, field: string, otherwise?: number): number {
  const value = component[field] ?? otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw damaged(`${component.type} needs ${field}, a count`);
}

/** One of the names that are read. */
export function readChoice<Name extends string>(
  component: Component,
  field: string,
  names: readonly Name[],
  otherwise?: Name,
): Name {
  const value = component[field] ?? otherwise;
  const known = names.find((name) => name === value);
  if (known !== undefined) return known;
  throw unsupported(`${field} ${JSON.stringify(value)} of ${component.type}`);
}
