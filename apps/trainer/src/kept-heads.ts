// What a run keeps of the shards that it is trained on: their heads, with the ids of the documents and where each
// lies, but no token. `explain --run` and `forget` can so name the steps that saw a document when its shard is gone.
// Heads are written beside the training, shard after shard, in the order of the index; the contamination table, which
// says what must not be evaluated on, is copied with them.

import type { Store } from '@gristmill/storage';
import { openTokens, type TokenIndex, type TokenStore } from '@gristmill/shards';

export const headPath = (file: string) => `heads/${file}`;

/**
 * Keeps the heads that the run does not have yet.
 * @param shouldStop looked at between shards; what is missing then is written by the next start
 * @returns how many were written
 */
export async function keepHeads(
  run: Store,
  shards: TokenStore | string,
  index: TokenIndex,
  shouldStop: () => boolean = () => false,
): Promise<number> {
  const tokens = await openTokens(shards, { index });
  let written = 0;
  try {
    for (const shard of index.shards) {
      if (shouldStop()) break;
      if (shard.split !== 'train' || (await run.stat(headPath(shard.file))) !== undefined) continue;
      await run.replace(headPath(shard.file), await tokens.headBytes(shard));
      written++;
    }
    const contamination = await tokens.contamination();
    if (contamination !== undefined) await run.replace('contamination.jsonl', contamination);
  } finally {
    await tokens.close();
  }
  return written;
}
