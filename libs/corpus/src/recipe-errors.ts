// What is wrong in a recipe, in words for somebody who has no source to read: where it stands, what was written, what may
// stand there, and which name was meant.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataError, suggestName, type Json } from '@gristmill/core';
import type { z } from 'zod';

/** Where everything is listed, for people with a checkout and without. */
export const optionsHint = '`gristmill options` lists every name and value';

/** The first issue of a recipe as one sentence and a hint. */
export function recipeError(
  issue: z.core.$ZodIssue,
  recipe: unknown,
  from: string,
  schema: z.ZodType,
): DataError {
  const path = spellPath(issue.path);
  const where = `${from}${path === '' ? '' : ` at ${path}`}`;
  const value = issue.path.reduce<unknown>(memberOf, recipe);
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const known = namesAt(schema, issue.path);
    return wrong(
      `${where}: there is no ${key} here`,
      suggestName(key, known, `here may stand ${known.join(', ')}`),
    );
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const rest = `it is one of ${values.join(', ')}`;
    return wrong(
      `${where}: ${spellValue(value)} is not known here`,
      typeof value === 'string' ? suggestName(value, values, rest) : rest,
    );
  }
  if (issue.code === 'custom') return wrong(`${where}: ${issue.message}`, `correct it; ${optionsHint}`);
  const what = value === undefined ? 'it is missing' : `${spellValue(value)} does not fit`;
  return wrong(`${where}: ${what} (${lowerFirst(issue.message)})`, `correct it; ${optionsHint}`);
}

/** The error of importing a recipe, with its line where Node tells one. */
export function loadError(path: string, file: string, cause: unknown): DataError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const line =
    cause instanceof Error ? (lineIn(file, cause.stack ?? '') ?? compiledLine(file, cause)) : undefined;
  const place = line === undefined ? path : `${path}:${line}`;
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  const hint =
    code === 'ERR_MODULE_NOT_FOUND'
      ? 'import types alone (`import type`), or install what it imports beside the recipe'
      : code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
        ? 'write it as JavaScript with types: no enum, no namespace'
        : 'correct this line';
  return new DataError('wrong-recipe', `${place} cannot be loaded: ${message}`, hint, { cause });
}

/** `FILE:LINE` as Node prints it before the code frame, or in the first frame of the stack. */
function lineIn(file: string, stack: string): string | undefined {
  const at = stack.indexOf(`${file}:`);
  return at < 0 ? undefined : /^\d+/.exec(stack.slice(at + file.length + 1))?.[0];
}

/**
 * V8 keeps the place of a fault that it finds when it compiles a module for the message that ends a process. Nothing of the
 * module is run: it does not compile.
 */
function compiledLine(file: string, cause: Error): string | undefined {
  if (!(cause instanceof SyntaxError) || !file.endsWith('.ts')) return undefined;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-'], {
    cwd: dirname(file),
    input: readFileSync(file),
    encoding: 'utf8',
  });
  return /\[(?:eval|stdin)\d*\]:(\d+)/.exec(stderr)?.[1];
}

function wrong(message: string, hint: string): DataError {
  return new DataError('wrong-recipe', message, hint);
}

function spellPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return value !== null && typeof value === 'object'
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function spellValue(value: unknown): string {
  const text = JSON.stringify(value as Json) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** The names that an object of the schema may have, below lists, optional and default values. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: Shaped | undefined = schema as Shaped;
  for (const part of path) {
    current = unwrap(current);
    current = typeof part === 'number' ? current?.element : current?.shape?.[String(part)];
  }
  return Object.keys(unwrap(current)?.shape ?? {});
}

type Shaped = z.ZodType & {
  readonly shape?: Readonly<Record<string, Shaped>>;
  readonly element?: Shaped;
  readonly unwrap?: () => Shaped;
};

function unwrap(schema: Shaped | undefined): Shaped | undefined {
  return schema?.shape === undefined && schema?.element === undefined && schema?.unwrap
    ? unwrap(schema.unwrap())
    : schema;
}
