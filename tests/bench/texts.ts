// The texts that text benchmarks run on: a file of JSON lines or text, else the books of ../shared/data, else made ones.
import { existsSync, readFileSync } from 'node:fs';
import { createRandom } from '@gristmill/core';

const books = new URL('../../../shared/data/', import.meta.url);

export interface BenchTexts {
  readonly input: string;
  readonly texts: readonly string[];
  readonly megabytes: number;
}

export function readTexts(input: string | undefined): BenchTexts {
  if (input !== undefined) return describe(input, splitInput(readFileSync(input, 'utf8')));
  const files = ['sentencepiece-text/botchan.txt', 'tinyshakespeare/input.txt'].map(
    (name) => new URL(name, books),
  );
  if (files.every((file) => existsSync(file))) {
    return describe(
      'two English books',
      files.flatMap((file) => pieces(readFileSync(file, 'utf8'))),
    );
  }
  return describe('made text', madeTexts());
}

function splitInput(content: string): string[] {
  if (!content.startsWith('{')) return pieces(content);
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String((JSON.parse(line) as { text?: unknown }).text ?? ''));
}

/** Documents of about 8,000 characters, cut at blank lines. */
function pieces(text: string): string[] {
  const documents: string[] = [];
  let current: string[] = [];
  let length = 0;
  for (const paragraph of text.replace(/\r\n/g, '\n').split(/\n{2,}/)) {
    if (length + paragraph.length > 8000 && current.length > 0) {
      documents.push(current.join('\n\n'));
      current = [];
      length = 0;
    }
    current.push(paragraph);
    length += paragraph.length + 2;
  }
  return current.length > 0 ? [...documents, current.join('\n\n')] : documents;
}

/** Words whose ranks follow Zipf's law, in sentences and paragraphs. */
function madeTexts(): string[] {
  const random = createRandom(1);
  const word = (): string => {
    const rank = Math.floor(Math.exp(random() * 9));
    return `${'ptkbdgmnlrs'[rank % 11]}${'aeiou'[rank % 5]}${rank > 50 ? rank.toString(36) : ''}`;
  };
  return Array.from({ length: 1000 }, () =>
    Array.from({ length: 12 }, () => `${Array.from({ length: 110 }, word).join(' ')}.`).join('\n\n'),
  );
}

function describe(input: string, texts: readonly string[]): BenchTexts {
  return { input, texts, megabytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6 };
}
