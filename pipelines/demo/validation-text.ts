// The validation documents as bytes: what the model has never seen and the compressors compete on.

import { openTokens } from '@gristmill/shards';
import { loadTokenizer } from '@gristmill/tokenizer';

/** UTF-8 text of all validation documents in the order of their ids, end-of-text tokens left out. */
export async function readValidationText(shards: string): Promise<Uint8Array> {
  const tokens = await openTokens(shards);
  try {
    const tokenizer = loadTokenizer(await tokens.tokenizer());
    const documents: { id: string; bytes: Uint8Array }[] = [];
    for (const shard of tokens.index.shards.filter(({ split }) => split === 'validation')) {
      for await (const { id, tokens: ids } of tokens.documents(shard)) {
        documents.push({ id, bytes: tokenizer.decodeBytes(ids.subarray(0, -1)) });
      }
    }
    documents.sort((a, b) => (a.id < b.id ? -1 : 1));
    return Buffer.concat(documents.map(({ bytes }) => bytes));
  } finally {
    await tokens.close();
  }
}
