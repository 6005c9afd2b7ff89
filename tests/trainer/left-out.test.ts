import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { evaluationDigest, plainText } from '@gristmill/detect';
import { formatContamination, openLoader, traceStep, writeTokenShards } from '@gristmill/shards';
import { createItemTest, createStepFinder, findLeftOut } from '@gristmill/trainer';
import { randomDocuments } from '../shards/token-fixture.ts';
import { keepProgram } from '../kept-program.ts';
import { makeFolder, small, vocabSize } from './shards.ts';

const program = keepProgram('trainer');
afterAll(() => program.close());
const items = ['How much corn does the mill on the hill grind?', 'Which river turns the wheel of the mill?'];
const row = { set: 'quiz', start: 0, end: 40, words: 13, setItems: 2, split: 'train' };

test('an evaluation leaves out items that stand in documents which the steps of a run saw', async () => {
  const shards = makeFolder('left-out');
  const documents = randomDocuments({ documents: 120, maxTokens: 80, vocabSize });
  await writeTokenShards(shards, documents, { vocabSize, endOfText: 0, shardBytes: 2000 });
  const loader = await openLoader({ shards, sequenceLength: 32, globalBatchSize: 8, seed: 1337 });
  const seen = new Set<string>();
  for (const step of [0, 1, 2])
    for (const traced of await traceStep(loader, step)) for (const { id } of traced!.documents) seen.add(id);
  const unseen = documents.find(
    ({ id, split, tokens }) => split === 'train' && tokens.length > 0 && !seen.has(id),
  )!;
  const [first] = seen;
  const hits = [first, unseen.id].map((id, i) => ({
    ...row,
    id,
    item: `q${i}`,
    digest: evaluationDigest(plainText(items[i])),
  }));
  writeFileSync(join(shards, 'contamination.jsonl'), formatContamination(hits));
  const run = join(makeFolder('run'), 'run');
  const settings = { ...small, steps: 3, evalInterval: 0 };
  const config = join(makeFolder('config'), 'settings.json');
  writeFileSync(config, JSON.stringify(settings));
  const args = ['--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config, '--run', run];
  expect((await program.run(['train', ...args])).stderr).toContain('3 steps');

  const leftOut = await findLeftOut(run);
  expect(leftOut.documents).toEqual(seen);
  expect(leftOut.isSearched).toBe(true);
  expect([...leftOut.sources].sort()).toEqual([...new Set(documents.map(({ source }) => source))].sort());
  // At which steps, counted from 1: those that trace to the document.
  const steps = (await Promise.all([0, 1, 2].map((step) => traceStep(loader, step)))).flatMap((rows, step) =>
    rows.some((traced) => traced!.documents.some(({ id }) => id === first)) ? [step + 1] : [],
  );
  const findSteps = await createStepFinder(leftOut);
  expect(findSteps(['no item', items[0]])).toEqual(steps);
  expect(findSteps([items[1]])).toEqual([]);
  expect((await createStepFinder({ ...leftOut, isSearched: false }))([items[0]])).toBeUndefined();
  const isLeftOut = await createItemTest(leftOut);
  expect(isLeftOut(items[0].toUpperCase())).toBe(true); // plain words: case and marks do not matter
  expect(isLeftOut(items[1])).toBe(false);
  await loader.close();
});
