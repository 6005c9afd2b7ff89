// What comes with folders that others wrote: names that lead elsewhere, and tokenizers that only seem to be the same.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWordCounter, loadTokenizer, trainTokenizer } from '@gristmill/tokenizer';
import { createRandom, documentId } from '@gristmill/core';
import { writeTokenShards } from '@gristmill/shards';
import { checkSameTokenizer, findLeftOut, prepareRun } from '@gristmill/trainer';
import { trainHere, type Request } from './run-here.ts';
import { makeFolder, small, writeShards } from './shards.ts';

const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

function requestFor(changes: Partial<Request>): Request {
  const config = join(makeFolder('config'), 'settings.json');
  writeFileSync(config, JSON.stringify({ ...small, steps: 1, evalInterval: 0 }));
  const run = join(makeFolder('stranger'), 'run');
  return { model: 'nanogpt-char-cpu', config, run, set: [], repin: false, ...changes };
}

const namesOutside = {
  code: 'tokens-index-damaged',
  message: expect.stringMatching(/it names .*(\.\.\/|\/etc\/passwd)/) as string,
};

interface Index {
  shards: { file: string; split: string }[];
  tokenizer: { file?: string; sha256: string };
}

test.each([
  ['a shard', (index: Index) => (index.shards[0].file = '../../outside.parquet')],
  ['a shard by its full path', (index: Index) => (index.shards[0].file = '/etc/passwd')],
  ['a tokenizer', (index: Index) => (index.tokenizer.file = '../tokenizer.json')],
])('an index that names %s outside of its folder is refused, and nothing is written', async (_, spoil) => {
  const shards = await writeShards(3, 20);
  const path = join(shards, 'index.json');
  const index = JSON.parse(readFileSync(path, 'utf8')) as Index;
  spoil(index);
  writeFileSync(path, JSON.stringify(index));
  const request = requestFor({ shards });
  await expect(trainHere(request)).rejects.toMatchObject(namesOutside);
  expect(existsSync(request.run)).toBe(false);
});

test('an index that a stranger put into a run is refused when the run goes on or is asked what it saw', async () => {
  const shards = await writeShards(3, 20);
  const request = requestFor({ shards });
  await trainHere(request);
  const path = join(request.run, 'index.json');
  const index = JSON.parse(readFileSync(path, 'utf8')) as Index;
  index.shards[0].file = '../../outside.parquet';
  writeFileSync(path, JSON.stringify(index));
  const others = await writeShards(4, 20); // so that the run's own index is asked for
  await expect(prepareRun({ ...request, shards: others })).rejects.toMatchObject(namesOutside);
  await expect(findLeftOut(request.run)).rejects.toMatchObject(namesOutside); // reads heads of these names
});

const words = 'miller grinds grist corn rye wheel turns stream'.split(' ');

/** tokenizer.json, trained on words in some order. */
function makeTokenizer(seed: number, type: 'bpe' | 'unigram' = 'bpe'): Record<string, unknown> {
  const random = createRandom(seed);
  const counter = createWordCounter({ type });
  for (let i = 0; i < 200; i++) counter.addText(words[Math.floor(random() ** 3 * words.length)]);
  return trainTokenizer(counter.words(), { type, vocabSize: 280 }) as unknown as Record<string, unknown>;
}

async function writeShardsWith(tokenizer: Uint8Array): Promise<string> {
  const { encode: tokenize, vocabSize, tokenId } = loadTokenizer(tokenizer);
  const folder = makeFolder('own-tokens');
  const documents = Array.from({ length: 20 }, (_, i) => ({
    id: documentId({ name: 'test', path: String(i) }),
    split: i % 5 === 0 ? 'validation' : 'train',
    source: 'test',
    tokens: [...tokenize(words.join(' ').repeat(3))],
  }));
  const endOfText = tokenId('<|endoftext|>') as number;
  await writeTokenShards(folder, documents, { vocabSize, endOfText, tokenizer });
  return folder;
}

test('weights are trained further only on shards of the same tokenizer', async () => {
  const [own, other] = [makeTokenizer(1), makeTokenizer(2)];
  expect(loadTokenizer(encode(own)).vocabSize).toBe(loadTokenizer(encode(other)).vocabSize);
  const request = requestFor({ shards: await writeShardsWith(encode(own)) });
  await trainHere(request);
  const further = { model: undefined, initFrom: join(request.run, 'model') };
  const foreign = requestFor({ ...further, shards: await writeShardsWith(encode(other)) });
  await expect(trainHere(foreign)).rejects.toMatchObject({
    code: 'tokenizer-differs',
    message: expect.stringMatching(
      /another tokenizer than the shards: token \d+ is ".+" there and ".+" here$/,
    ) as string,
  });
  expect(existsSync(foreign.run)).toBe(false);
  expect((await trainHere(requestFor({ ...further, shards: request.shards }))).finished).toBe(true);
});

/** The same tokenizer as another program may write it. */
function rewriteTokenizer(json: Record<string, unknown>): Record<string, unknown> {
  const model = json.model as Record<string, unknown>;
  const merges = (model.merges as (string | string[])[]).map((merge) =>
    typeof merge === 'string' ? merge.split(' ') : merge.join(' '),
  );
  const vocab = Object.fromEntries(Object.entries(model.vocab as object).reverse());
  const rest = Object.fromEntries(Object.entries(json).reverse());
  return {
    ...rest,
    truncation: null,
    model: { ignore_merges: false, dropout: null, ...model, vocab, merges },
  };
}

test('the same tokenizer in another spelling is the same, and any other content is another', () => {
  const json = makeTokenizer(1);
  const check = (other: unknown) => () => checkSameTokenizer('model', encode(json), encode(other));
  expect(check(rewriteTokenizer(json))).not.toThrow();
  const model = json.model as { merges: unknown[]; vocab: Record<string, number> };
  expect(check({ ...json, model: { ...model, merges: model.merges.toReversed() } })).toThrow('merges differ');
  expect(check({ ...json, normalizer: { type: 'NFC' } })).toThrow('normalizer differs');
  expect(check({ ...json, pre_tokenizer: { type: 'Whitespace' } })).toThrow('pre_tokenizer differs');
  expect(check({ ...json, added_tokens: [{ id: 9999, content: '<x>' }] })).toThrow(
    'token 9999 is none there',
  );
  expect(check({ ...json, model: { ...model, type: 'WordPiece' } })).toThrow('model differs');
});
