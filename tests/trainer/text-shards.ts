// A folder of shards with a tokenizer, two sources and domains, for tests of what a run writes and shows.
import { createRandom, documentId } from '@gristmill/core';
import { writeTokenShards } from '@gristmill/shards';
import { createWordCounter, loadTokenizer, trainTokenizer } from '@gristmill/tokenizer';
import { makeFolder } from './shards.ts';

const words = 'miller grinds grist corn rye wheel turns stream – façade 東京 🙂'.split(' ');

/** Documents of two parts, the second of which counts: words drawn, and the same words again. */
export const writePairShards = (): Promise<string> => writeTextShards(60, 'drawn', true);

/** @param kind of text: words drawn, or all of them in turn; the tokenizer is the same */
export async function writeTextShards(
  documents = 60,
  kind: 'drawn' | 'in turn' = 'drawn',
  pairs = false,
): Promise<string> {
  const random = createRandom(4);
  const write = (next: (i: number) => number) =>
    Array.from({ length: documents }, () => Array.from({ length: 40 }, (_, i) => words[next(i)]).join(' '));
  const drawn = write(() => Math.floor(random() * words.length));
  const texts = kind === 'drawn' ? drawn : write((i) => i % words.length);
  const counter = createWordCounter({ type: 'bpe' });
  for (const text of drawn) counter.addText(text);
  const json = trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 300 });
  const tokenizer = new TextEncoder().encode(JSON.stringify(json));
  const { vocabSize, tokenId, encode } = loadTokenizer(tokenizer);
  const endOfText = tokenId('<|endoftext|>')!;
  const folder = makeFolder('text-shards');
  const list = texts.map((text, i) => ({
    id: documentId({ name: 'test', path: `text/${i}` }),
    split: i % 10 === 0 ? 'validation' : 'train',
    source: i % 3 === 0 ? 'books' : 'web',
    domain: i % 3 === 0 ? undefined : `site-${i % 5}.example`,
    language: 'eng_Latn',
    ...(pairs ? repeat([...encode(text)].slice(0, 10)) : { tokens: [...encode(text)] }),
  }));
  await writeTokenShards(folder, list, { vocabSize, endOfText, tokenizer });
  return folder;
}

const repeat = (tokens: readonly number[]) => ({
  tokens: [...tokens, ...tokens],
  lossMask: Uint8Array.from({ length: 2 * tokens.length }, (_, i) => (i < tokens.length ? 0 : 1)),
});

/** Settings of a run of a second or two on these shards. */
export const textRun = {
  nPositions: 64,
  nLayer: 2,
  nHead: 2,
  nEmbd: 32,
  sequenceLength: 32,
  microBatchSize: 4,
  steps: 60,
  warmupSteps: 5,
  learningRate: 5e-3,
  minLearningRate: 5e-4,
  evalInterval: 10,
  checkpointInterval: 20,
  sampleInterval: 20,
  samplePrompt: 'the miller',
  histogramInterval: 5,
};
