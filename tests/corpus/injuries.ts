// The injuries of the crash tests, with their counts as arguments: a few in the fast suite, a tenth in the slow one, all in the full one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createRandom } from '@gristmill/core';
import { checkCorpus, removeDamaged, type Recipe } from '@gristmill/corpus';
import { changes, openFaultyStore, type Fault } from './faulty-store.ts';
import { makeText, recipeOf, TestCorpus } from './corpora.ts';

/** `stand-ins` are small stages of the tests; `real` are those that recipes use, all of them. */
export type Stages = 'stand-ins' | 'real';

export function recipeWith(stages: Stages): Recipe {
  const { steps, ...recipe } = recipeOf();
  if (stages === 'stand-ins') return { ...recipe, steps };
  const real: Recipe['steps'] = [
    { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
    { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'languageStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'heuristicsStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'personalDataStage' },
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
    {
      stage: 'select',
      module: '@gristmill/select',
      export: 'selectStage',
      options: { split: { validation: 0.2, seed: 1 } },
    },
    { stage: 'tokenizer', module: '@gristmill/pack', export: 'tokenizerStage', options: { vocabSize: 300 } },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ];
  return { ...recipe, steps: real };
}

/** A corpus built once, then changed in its sources: the update is what gets injured. */
async function makeChanged(stages: Stages): Promise<{
  corpus: TestCorpus;
  expected: Record<string, string>;
  changes: number;
}> {
  const corpus = await TestCorpus.make(40, recipeWith(stages));
  await corpus.run();
  await corpus.copy('corpus', 'before');
  await corpus.write('notes/1/note-1.txt', 'a changed note');
  await corpus.write('notes/new.txt', makeText(777));
  await corpus.remove('notes/2/note-2.txt');
  await corpus.copy('before', 'counted');
  const root = join(corpus.folder, 'counted');
  changes.delete(root);
  await corpus.run({ store: openFaultyStore({ root, kind: 'kill', at: Infinity }) });
  return { corpus, expected: await corpus.files('counted'), changes: changes.get(root)! };
}

/** Kills a real process at seeded changes of the folder; the next run must reach the same bytes. */
export async function survivesKills(
  count: number,
  kind: 'kill' | 'torn',
  workers: number,
  stages: Stages = 'stand-ins',
): Promise<void> {
  const { corpus, expected, changes: total } = await makeChanged(stages);
  await using _ = corpus;
  const random = createRandom(count);
  for (let i = 0; i < count; i++) {
    const at = 1 + Math.floor(random() * total);
    await corpus.copy('before', 'killed');
    const signal = await runChild(corpus, { root: join(corpus.folder, 'killed'), kind, at }, workers);
    if (workers === 0) expect(signal, `change ${at} of ${total}`).toBe('SIGKILL');
    if (kind === 'torn') await removeDamaged(corpus.store('killed'));
    await corpus.run({ corpus: 'killed' });
    expect(await corpus.files('killed'), `killed at change ${at} of ${total}`).toEqual(expected);
    expect((await checkCorpus(corpus.store('killed'))).damages).toEqual([]);
    await corpus.remove('killed');
  }
}

async function runChild(corpus: TestCorpus, fault: Fault, workers: number): Promise<NodeJS.Signals | null> {
  const args = [
    join(corpus.folder, corpus.recipe),
    fault.root,
    join(corpus.folder, 'test.lock'),
    fault.kind,
    String(fault.at),
    String(workers),
  ];
  const script = new URL('./crash-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

/** A disk that is full from the n-th change on, for every n (or every `stride`-th): the run says so, the next one is whole. */
export async function survivesFullDisk(stride: number, stages: Stages = 'stand-ins'): Promise<void> {
  const { corpus, expected, changes: total } = await makeChanged(stages);
  await using _ = corpus;
  for (let at = 1; at <= total; at += stride) {
    await corpus.copy('before', 'full');
    const root = join(corpus.folder, 'full');
    changes.delete(root);
    await expect(corpus.run({ store: openFaultyStore({ root, kind: 'full', at }) })).rejects.toMatchObject({
      code: 'disk-full',
    });
    await corpus.run({ corpus: 'full' });
    expect(await corpus.files('full'), `full at change ${at} of ${total}`).toEqual(expected);
    await corpus.remove('full');
  }
}

/** Injures seeded artefacts of a built corpus one by one: every injury is found, every tenth also repaired. */
export async function findsDamages(count: number, stages: Stages = 'stand-ins'): Promise<void> {
  await using corpus = await TestCorpus.make(40, recipeWith(stages));
  await corpus.run();
  const expected = await corpus.files();
  const paths = [
    ...Object.keys(expected),
    'manifest.json',
    'corpus.json',
    `manifests/${(await corpus.run()).manifest!.build}.json`,
  ];
  const random = createRandom(count);
  for (let i = 0; i < count; i++) {
    const path = paths[Math.floor(random() * paths.length)];
    const file = join(corpus.folder, 'corpus', path);
    const whole = await readFile(file);
    if (whole.length === 0) continue;
    const how = await injure(file, whole, random);
    const check = await checkCorpus(corpus.store());
    expect(
      check.damages.map((damage) => damage.path),
      `${how} ${path}`,
    ).toContain(path);
    if (i % 10 === 0) {
      await removeDamaged(corpus.store());
      await corpus.run();
      expect(await corpus.files(), `repaired ${how} ${path}`).toEqual(expected);
      expect((await checkCorpus(corpus.store())).damages).toEqual([]);
    } else await writeFile(file, whole);
  }
}

async function injure(file: string, whole: Buffer, random: () => number): Promise<string> {
  const at = Math.floor(random() * whole.length);
  const kind = random();
  if (kind < 0.2) {
    await rm(file);
    return 'removed';
  }
  if (kind < 0.4) {
    await writeFile(file, whole.subarray(0, at));
    return `cut at ${at}`;
  }
  const bytes = Buffer.from(whole);
  bytes[at] ^= 1 << Math.floor(random() * 8);
  await writeFile(file, bytes);
  return `bit flipped at ${at}`;
}
