// Seeded JSON schemas of what people ask for: objects in objects, lists, enumerations, ranges, patterns, formats, references.
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { createRandom } from '@gristmill/core';

const names = 'name age city tags price kind notes address zip_code naïve $id items'.split(' ');

export function makeSchema(seed: number): object {
  const random = createRandom(seed + 1000);
  const below = (most: number) => Math.floor(random() * most);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];

  const kinds: ((depth: number) => object)[] = [
    () => ({ type: 'string' }),
    () => ({ type: 'string', minLength: 1 + below(3), maxLength: 4 + below(8) }),
    () => ({
      type: 'string',
      pattern: pick(['^[A-Z]{2}-\\d{3}$', '^(red|green|blue)$', '^[a-f0-9]{8}$', '^\\w+@\\w+$']),
    }),
    () => ({ type: 'string', format: pick(['date', 'time', 'uuid', 'ipv4', 'email']) }),
    () => ({ type: 'integer' }),
    () => ({ type: 'integer', minimum: below(10) - 5, maximum: 6 + below(200) }),
    () => ({ type: 'number' }),
    () => ({ type: 'boolean' }),
    () => ({ type: 'null' }),
    () => ({ enum: ['a', 'b c', 3, null, true].slice(0, 2 + below(4)) }),
    () => ({ const: pick(['fixed', 42, false] as const) }),
    () => ({ type: ['string', 'null'] }),
    (depth) => ({ anyOf: [makeValue(depth - 1), makeValue(depth - 1)] }),
    (depth) => ({ type: 'array', items: makeValue(depth - 1), minItems: below(2), maxItems: 2 + below(3) }),
    (depth) => ({
      type: 'array',
      prefixItems: [makeValue(depth - 1), makeValue(depth - 1)],
      items: false,
      minItems: 2,
    }),
    (depth) => makeObject(depth - 1),
  ];
  const makeValue = (depth: number): object =>
    kinds[below(depth > 0 ? kinds.length : kinds.length - 4)](depth);
  function makeObject(depth: number): object {
    const chosen = names.filter(() => random() < 0.35);
    const properties = Object.fromEntries(chosen.map((name) => [name, makeValue(depth)]));
    return {
      type: 'object',
      properties,
      required: chosen.filter(() => random() < 0.7),
      additionalProperties: false,
    };
  }
  if (seed % 10 !== 9) return makeObject(3);
  const node = {
    type: 'object',
    properties: { value: makeValue(0), next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
  };
  return {
    $ref: '#/$defs/node',
    $defs: { node: { ...node, required: ['value', 'next'], additionalProperties: false } },
  };
}

export function isValid(schema: object, value: unknown): boolean {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  return ajv.validate(schema, value);
}
