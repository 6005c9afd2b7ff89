// Lines of a file, or of standard input, that must be JSON objects.

import { createReadStream } from 'node:fs';
import { DataError, readLines } from '@gristmill/core';

export interface JsonObject {
  readonly object: Readonly<Record<string, unknown>>;
  /** Of the line, from 1. */
  readonly number: number;
  /** The error that this line is no object with `what`. */
  refuse(what: string): DataError;
}

/**
 * Lines without a character but spaces are passed by.
 * @param example a line as it should be, for the hint
 * @throws DataError `input-unreadable`, `not-json-lines`
 */
export async function* readObjects(file: string, example: string): AsyncGenerator<JsonObject> {
  let number = 0;
  for await (const line of openLines(file)) {
    number++;
    if (line.trim() === '') continue;
    const at = number;
    const refuse = (what?: string) =>
      new DataError(
        'not-json-lines',
        `line ${at} of ${file} is no JSON object${what ? ` with ${what}` : ''}`,
        `give JSON lines, for example ${example}`,
      );
    const object = parseObject(line);
    if (object === undefined) throw refuse();
    yield { object, number, refuse };
  }
}

async function* openLines(file: string): AsyncGenerator<string> {
  try {
    yield* readLines((file === '-' ? process.stdin : createReadStream(file)) as AsyncIterable<Uint8Array>);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw new DataError(
      'input-unreadable',
      `${file} cannot be read`,
      'check the path, or use - for standard input',
      { cause },
    );
  }
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
