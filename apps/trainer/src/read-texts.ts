// Texts to evaluate on: JSON lines with a field `text`, or a file that is one text. The first byte that is no space
// decides: JSON lines begin with a brace.

import { closeSync, createReadStream, openSync, readFileSync, readSync } from 'node:fs';
import { DataError, readLines } from '@gristmill/core';

export interface TextItem {
  readonly id: string;
  readonly text: string;
  readonly context?: string;
}

/** @throws DataError `input-unreadable`, `not-json-lines` */
export async function* readTexts(file: string): AsyncGenerator<TextItem> {
  if (file !== '-' && !beginsWithBrace(file)) {
    yield { id: file, text: readFileSync(file, 'utf8') };
    return;
  }
  let number = 0;
  const input = (file === '-' ? process.stdin : createReadStream(file)) as AsyncIterable<Uint8Array>;
  for await (const line of readLines(input)) {
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
  try {
    const item = JSON.parse(line) as { id?: unknown; text?: unknown; context?: unknown };
    if (typeof item.text === 'string')
      return {
        id: item.id === undefined ? String(number) : String(item.id),
        text: item.text,
        ...(typeof item.context === 'string' ? { context: item.context } : {}),
      };
  } catch {
    // falls through to the same error
  }
  throw new DataError(
    'not-json-lines',
    `line ${number} is no JSON object with a text`,
    'give JSON lines, for example {"id":"1","text":"…"}',
  );
}
