// The texts of a tokenizer's training: JSON lines {id, text, source, language}, or plain text, which is read in parts that
// end where a word does, so a file may be longer than a string can be.

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { DataError } from '@gristmill/core';
import type { SampledDocument } from '@gristmill/tokenizer';
import { readJsonLines } from './json-lines.ts';

export interface TrainingText extends SampledDocument {
  readonly text: string;
}

/**
 * An id that a line lacks is file and number; a source that it lacks is the file's name.
 * @param partSize characters of a part of plain text
 */
export async function* readTrainingTexts(file: string, partSize: number): AsyncGenerator<TrainingText> {
  const source = file === '-' ? 'stdin' : basename(file);
  let number = 0;
  const isLines = file === '-' || /\.(jsonl|ndjson|json)$/.test(file);
  for await (const line of isLines ? readJsonLines(file) : readParts(file, partSize)) {
    const { text } = line;
    number++;
    if (typeof text !== 'string') continue;
    yield {
      id: typeof line.id === 'string' ? line.id : `${source}#${number}`,
      source: typeof line.source === 'string' ? line.source : source,
      ...(typeof line.language === 'string' && { language: line.language }),
      text,
    };
  }
}

/** A part ends before a space that follows no white space. */
async function* readParts(file: string, size: number): AsyncGenerator<Record<string, unknown>> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: size })) {
      const from = Math.max(1, rest.length);
      rest += chunk as string;
      const border = lastBorder(rest, from);
      if (border === 0) continue;
      yield { text: rest.slice(0, border) };
      rest = rest.slice(border);
    }
  } catch (cause) {
    throw new DataError('input-unreadable', `${file} cannot be read`, 'check the path', { cause });
  }
  if (rest !== '') yield { text: rest };
}

/** The last border behind `from`, or 0. */
function lastBorder(text: string, from: number): number {
  for (let at = text.length - 1; at >= from; at--) {
    if (text[at] === ' ' && !/\p{White_Space}/u.test(text[at - 1])) return at;
  }
  return 0;
}
