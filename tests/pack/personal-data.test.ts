// What annotate finds must not be in the shards: every injected string is looked for in the decoded tokens.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Recipe } from '@gristmill/corpus';
import { openTokens } from '@gristmill/shards';
import { loadTokenizer } from '@gristmill/tokenizer';
import { TestCorpus, recipeOf } from '../corpus/corpora.ts';

const injected = [
  'jane.roe+mill@acme-widgets.com',
  '+44 20 7946 0018',
  '(212) 555-0187 x42',
  '8.8.4.4',
  '2606:4700:4700::1111',
  '4111 1111 1111 1111',
  '378282246310005',
  'DE89 3704 0044 0532 0130 00',
  '531-21-7351',
  'RSSMRA85T10A562S',
  '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
  'AKIAIOSFODNN7EXAMPLE',
  '221B Baker Street',
];

async function decodedShards(folder: string): Promise<string> {
  const [key] = await readdir(join(folder, 'tokens'));
  const tokens = await openTokens(join(folder, 'tokens', key));
  const tokenizer = loadTokenizer(await tokens.tokenizer());
  let text = '';
  for (const shard of tokens.index.shards)
    for await (const document of tokens.documents(shard)) text += `${tokenizer.decode(document.tokens)}\n`;
  await tokens.close();
  return text;
}

function packing(): Recipe {
  const recipe = recipeOf();
  const select = new URL('./stand-in-select.ts', import.meta.url).pathname;
  return {
    ...recipe,
    steps: [
      ...recipe.steps.filter(({ stage }) => stage === 'extract'),
      { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
      { stage: 'select', module: select, export: 'selectStage' },
      {
        stage: 'tokenizer',
        module: '@gristmill/pack',
        export: 'tokenizerStage',
        options: { vocabSize: 300 },
      },
      { stage: 'pack', module: '@gristmill/pack', export: 'packStage', options: { shardMegabytes: 0.01 } },
    ],
  };
}

test('no injected string is left in the decoded shards', async () => {
  await using corpus = await TestCorpus.make(5, packing());
  for (const [i, value] of injected.entries()) {
    await corpus.write(
      `notes/made-${i}.txt`,
      `A note about the mill: ${value} was written here, and no more than that.`,
    );
  }
  await corpus.run();
  const text = await decodedShards(join(corpus.folder, 'corpus'));
  expect(text.match(/A note about the mill/g)).toHaveLength(injected.length);
  expect(injected.filter((value) => text.includes(value))).toEqual([]);
});
