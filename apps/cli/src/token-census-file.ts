// Where a corpus keeps the census of its tokens: beside the pinned tokenizer, taken when the pin is first packed with.

import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError } from '@gristmill/core';
import { openBuiltTokens, requireLastRun } from '@gristmill/corpus';
import { parseCensus, spellCensus, takeCensus, type TokenCensus } from '@gristmill/pack';
import type { Store } from '@gristmill/storage';

export const censusFile = (lock: string, tokenizer: string): string =>
  join(`${lock.replace(/\.lock$/, '')}.pins`, `${tokenizer}.tokens.json`);

export async function readCensus(file: string): Promise<TokenCensus | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseCensus(text, file);
}

export async function writeCensus(file: string, census: TokenCensus): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, spellCensus(census));
  await rename(draft, file);
}

/** Takes the census where the pinned tokenizer has none yet. A build without shards, or with shards of another kind, has none. */
export async function recordFirstCensus(store: Store): Promise<void> {
  const tokens = await openBuiltTokens(store).catch((error: unknown) => {
    if (error instanceof DataError && ['no-tokens', 'tokens-index-damaged'].includes(error.code))
      return undefined;
    throw error;
  });
  if (tokens === undefined) return;
  try {
    const { lock } = await requireLastRun(store);
    const file = censusFile(lock, tokens.index.tokenizer.sha256);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (!isThere && tokens.index.tokenizer.file !== undefined)
      await writeCensus(file, await takeCensus(tokens));
  } finally {
    await tokens.close();
  }
}
