// Documents of random tokens: every token of a corpus is counted by (document, position) in the tests that use it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, sha256 } from '@gristmill/core';
import type { NewDocument } from '@gristmill/shards';

export const endOfText = 999;

export interface FixtureOptions {
  readonly documents: number;
  readonly maxTokens: number;
  readonly seed?: number;
  readonly sources?: readonly string[];
  readonly vocabSize?: number;
}

/** Tokens below 999 (or `vocabSize`); languages, topics and qualities vary; one in ten is for validation. */
export function randomDocuments(options: FixtureOptions): NewDocument[] {
  const { documents, maxTokens, seed = 1, sources = ['books', 'web'], vocabSize = endOfText } = options;
  const random = createRandom(seed);
  return Array.from({ length: documents }, (_, i) => ({
    id: sha256(`${seed} ${i}`).slice(0, 32),
    split: i % 10 === 9 ? 'validation' : 'train',
    source: sources[Math.floor(random() * sources.length)],
    language: ['en', 'de', undefined][Math.floor(random() * 3)],
    domain: ['a.example', 'b.example'][Math.floor(random() * 2)],
    quality: Math.floor(random() * 100),
    tokens: Array.from({ length: Math.floor(random() * (maxTokens + 1)) }, () =>
      Math.floor(random() * vocabSize),
    ),
  }));
}

/** A folder that is removed at the end of its scope. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'gristmill-shards-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
