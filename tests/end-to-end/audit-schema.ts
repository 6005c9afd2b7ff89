// Checks a value by one of the JSON Schemas of an audit.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

const ajv = new Ajv2020({ allErrors: true, strict: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);

export async function checkSchema(schema: string, value: unknown): Promise<void> {
  const file = resolve('apps/cli/src/audit/schemas', `${schema}.schema.json`);
  const described = JSON.parse(await readFile(file, 'utf8')) as { $id: string };
  const validate = ajv.getSchema(described.$id) ?? ajv.compile(described);
  void validate(value);
  expect(validate.errors ?? [], schema).toEqual([]);
  // Strict: a member that nobody described is a mistake.
  if (!Array.isArray(value)) expect(validate({ ...(value as object), surplus: 1 })).toBe(false);
}
