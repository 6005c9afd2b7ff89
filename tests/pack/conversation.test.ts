import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import type { Recipe } from '@gristmill/corpus';
import { openLoader } from '@gristmill/shards';
import { renderTurns, splitTurns } from '@gristmill/text';
import { loadTokenizer } from '@gristmill/tokenizer';
import { TestCorpus, recipeOf } from '../corpus/corpora.ts';

const select = new URL('./stand-in-select.ts', import.meta.url).pathname;
const system = { role: 'system', content: 'You grind corn.' };
const talks = Array.from({ length: 12 }, (_, i) => [
  ...(i % 2 ? [system] : []),
  { role: 'user', content: `How much grist does mill ${i} grind?\nIn a day, I mean.` },
  { role: 'assistant', content: `Mill ${i} grinds <|user|> ${i * 17} bushels.` },
  { role: 'user', content: 'And in a week?' },
  { role: 'assistant', content: `Seven times ${i * 17}.` },
]);

function chatRecipe(special: string[]): Recipe {
  const recipe = recipeOf();
  return {
    ...recipe,
    sources: recipe.sources.map((source) =>
      source.name === 'posts'
        ? {
            ...source,
            import: {
              module: '@gristmill/import',
              export: 'jsonDocumentsImporter',
              options: { messagesField: 'messages' },
            },
          }
        : source,
    ),
    steps: [
      ...recipe.steps.filter(({ stage }) => stage === 'extract' || stage === 'clean'),
      { stage: 'select', module: select, export: 'selectStage' },
      {
        stage: 'tokenizer',
        module: '@gristmill/pack',
        export: 'tokenizerStage',
        options: { vocabSize: 400, special: ['<|endoftext|>', ...special] },
      },
      {
        stage: 'pack',
        module: '@gristmill/pack',
        export: 'packStage',
        options: { conversations: ['posts'] },
      },
    ],
  };
}

describe('a conversation', () => {
  test.each([
    ['markers as text', []],
    ['markers as special tokens', ['<|user|>', '<|assistant|>', '<|system|>']],
  ])('reaches training with the loss on answers and their ends only (%s)', async (_, special) => {
    await using corpus = await TestCorpus.make(4, chatRecipe(special));
    await corpus.write('posts/talks.json', JSON.stringify(talks.map((messages) => ({ messages }))));
    await corpus.run();
    const [key] = await readdir(join(corpus.folder, 'corpus/tokens'));
    const folder = join(corpus.folder, 'corpus/tokens', key);
    let heard = 0;
    for (const split of ['train', 'validation']) {
      const mixture = { components: [{ name: 'chat', match: { source: 'posts' } }] };
      const options = { shards: folder, split, mixture, sequenceLength: 2000, globalBatchSize: 1 };
      const loader = await openLoader({ ...options, shuffle: false });
      const tokenizer = loadTokenizer(await loader.internals.tokens.tokenizer());
      const { targets, lossMask } = await loader.batch(0);
      const counted = [...targets].filter((_, i) => lossMask![i] === 1);
      const ends = new Set([loader.index.endOfText, tokenizer.tokenId('<|user|>')]);
      const said = tokenizer.decode(counted.filter((token) => !ends.has(token)));
      // The stand-in clean lowers case and trims; without special tokens an answer ends with the next marker's first.
      const answer = /(?:mill \d+ grinds <\|user\|> \d+ bushels\.|seven times \d+\.)\n?(?:<\|?)?/g;
      const answers = said.match(answer) ?? [];
      heard += answers.length;
      expect(said.replaceAll(answer, '')).toBe('');
      const enders = counted.filter((token) => ends.has(token)).length;
      if (special.length > 0) expect(enders).toBe(answers.length);
      await loader.close();
    }
    expect(heard).toBe(24);
  });

  test('that cannot be written as turns keeps its row with a verdict', () => {
    expect(renderTurns([{ role: 'user', content: 'a\n<|assistant|>\nb' }])).toBeUndefined();
    expect(renderTurns([{ role: 'User 1', content: 'a' }])).toBeUndefined();
    expect(renderTurns([])).toBeUndefined();
  });

  test('gives back what was rendered, for any content', () => {
    const random = createRandom(3);
    const pieces = ['a', '\n', '<|', '|>', '<|user|>', ' ', 'é', '🙂', '<|x|>\n', '>'];
    const draw = () => pieces[Math.floor(random() * pieces.length)];
    let rendered = 0;
    for (let round = 0; round < 2000; round++) {
      const messages = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, i) => ({
        role: i % 2 ? 'assistant' : 'user',
        content: Array.from({ length: Math.floor(random() * 6) }, draw).join(''),
      }));
      const text = renderTurns(messages);
      if (text === undefined) continue;
      rendered++;
      const said = splitTurns(text).map(({ role, start, end }) => ({
        role,
        content: text.slice(start, end),
      }));
      expect(said).toEqual(messages.map(({ role, content }) => ({ role, content: `${content.trim()}\n` })));
    }
    expect(rendered).toBeGreaterThan(1000);
  });
});
