// Texts to evaluate on: JSON lines with a field `text`, or a file that is one text. The first byte that is no space
// decides: JSON lines begin with a brace.

import { closeSync, createReadStream, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DataError, readLines } from '@gristmill/core';

export interface TextItem {
  readonly id: string;
  readonly text: string;
  readonly context?: string;
  /** Where it is from, for a table by source. */
  readonly source?: string;
}

export interface PromptItem {
  readonly id: string;
  readonly prompt: string;
  /** Path of an image, counted from the file's folder. */
  readonly image?: string;
}

/** JSON lines {id?, prompt, image?}. @throws DataError `input-unreadable`, `not-json-lines` */
export async function* readPrompts(file: string): AsyncGenerator<PromptItem> {
  if (file !== '-') beginsWithBrace(file); // whether it can be read
  let number = 0;
  for await (const line of readLines(openInput(file))) {
    number++;
    if (line.trim() === '') continue;
    const { id, prompt, image } = readObject(line, number, 'prompt');
    const path = typeof image === 'string' ? { image: resolve(dirname(file), image) } : {};
    yield { id, prompt, ...path };
  }
}

const openInput = (file: string) =>
  (file === '-' ? process.stdin : createReadStream(file)) as AsyncIterable<Uint8Array>;

/** @throws DataError `input-unreadable`, `not-json-lines` */
export async function* readTexts(file: string): AsyncGenerator<TextItem> {
  if (file !== '-' && !beginsWithBrace(file)) {
    yield { id: file, text: readFileSync(file, 'utf8') };
    return;
  }
  let number = 0;
  for await (const line of readLines(openInput(file))) {
    number++;
    if (line.trim() !== '') yield readItem(line, number);
  }
}

function beginsWithBrace(file: string): boolean {
  try {
    const descriptor = openSync(file, 'r');
    const head = Buffer.alloc(1 << 16);
    const read = readSync(descriptor, head);
    closeSync(descriptor);
    return head.toString('utf8', 0, read).trimStart().startsWith('{');
  } catch (cause) {
    throw new DataError(
      'input-unreadable',
      `${file} cannot be read`,
      'check the path, or use - for standard input',
      { cause },
    );
  }
}

function readItem(line: string, number: number): TextItem {
  const { id, context, source, text } = readObject(line, number, 'text');
  return {
    ...{ id, text },
    ...(typeof context === 'string' ? { context } : {}),
    ...(typeof source === 'string' ? { source } : {}),
  };
}

/** A line's object, with its id (else the line's number) and a field that must be a text. */
function readObject<Field extends string>(
  line: string,
  number: number,
  field: Field,
): { readonly id: string } & { readonly [other in 'context' | 'source' | 'image']?: unknown } & Readonly<
    Record<Field, string>
  > {
  try {
    const item = JSON.parse(line) as { id?: unknown; context?: unknown } & Record<Field, unknown>;
    if (typeof item[field] === 'string')
      return { ...(item as Record<Field, string>), id: String(item.id ?? number) };
  } catch {
    // falls through to the same error
  }
  throw new DataError(
    'not-json-lines',
    `line ${number} is no JSON object with a ${field}`,
    `give JSON lines, for example {"id":"1","${field}":"…"}`,
  );
}
