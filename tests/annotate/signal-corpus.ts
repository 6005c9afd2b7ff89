// A small corpus of made pages with something to find in each: listed addresses, bad words, groups of people, licences
// and a question of an evaluation set; with the files that its recipe pins.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { encodeClassifier, trainClassifier } from '@gristmill/detect';

const naughtyWords = createRequire(import.meta.url)('naughty-words') as Record<string, string[]>;

const kitchen =
  'boil the water and add some salt then stir it slowly and let it simmer until the onion is soft before you serve with butter'.split(
    ' ',
  );
const harbour =
  'the ship left port under full sail and the captain asked her crew to watch every wave from the deck as the storm came on'.split(
    ' ',
  );
const court =
  'judge heard witness under oath counsel argued law appeal verdict clause statute jury evidence defendant bench ruling'.split(
    ' ',
  );
const garden =
  'roses grew beside gravel paths bees visited lavender hedge pruning soil compost seedlings tulips greenhouse spade bloom'.split(
    ' ',
  );
export const question =
  'When the lighthouse keeper finally returned he found that nobody had trimmed the wick and so what did he do first of all';
export const otherQuestion =
  'Which of the seven bridges did the old painter cross twice on the morning before the great flood came down the valley';

function prose(words: readonly string[], seed: number): string {
  const random = createRandom(seed);
  const sentence = () =>
    `The ${Array.from({ length: 14 }, () => words[Math.floor(random() * words.length)]).join(' ')}.`;
  return Array.from({ length: 3 }, () => Array.from({ length: 5 }, sentence).join(' ')).join('\n\n');
}

function pages(): object[] {
  const plain = Array.from({ length: 24 }, (_, i) => ({
    url: `https://site-${i}.example/page`,
    text: prose([harbour, kitchen, court, garden][i % 4], i),
  }));
  const bad = naughtyWords.en[3];
  const more = [
    ['https://listed.example/a', prose(kitchen, 100)],
    ['https://rude.example/', `${prose(harbour, 101)}\n\nThe lesbian sailor said ${bad} and went below.`],
    ['https://free.example/', `${prose(kitchen, 102)}\n\nText is available under CC BY-SA 4.0.`],
    ['https://shut.example/', `${prose(kitchen, 103)}\n\nCopyright 2020. All rights reserved.`],
    ['https://quiz.example/', `${prose(harbour, 104)}\n\n${question}?\n\n${otherQuestion}?`],
    ['https://mail.example/', `${prose(harbour, 105)}\n\nWrite to ada.lovelace@engine.org about it.`],
    ['https://women.example/', `${prose(kitchen, 106)}\n\nShe and her sister are lesbian cooks.`],
  ].map(([url, text]) => ({ url, text }));
  return [...plain, ...more];
}

const annotate = (name: string, options?: object) => ({
  stage: 'annotate',
  module: '@gristmill/annotate',
  export: name,
  options,
});

/** @param sets of evaluation, by name → file */
export function signalRecipe(
  sets: Record<string, object> = { quiz: { files: ['eval/quiz.jsonl'] } },
): object {
  return {
    name: 'signals',
    partitions: 2,
    contact: 'the librarian',
    sources: [
      {
        name: 'pages',
        kind: 'web',
        licence: undefined,
        import: {
          module: '@gristmill/import',
          export: 'jsonDocumentsImporter',
          options: { textField: '/text', urlField: '/url' },
        },
        where: { root: 'pages' },
      },
    ],
    steps: [
      annotate('urlListTraining', { lists: { adult: ['lists/hosts'] }, folders: ['lists/ut1'] }),
      annotate('evaluationTraining', { sets }),
      annotate('classifierTraining', {
        name: 'toxicity',
        labels: { toxic: { files: ['learn/toxic.jsonl'] }, 'not-toxic': { files: ['learn/fine.txt'] } },
      }),
      annotate('pinnedFile', { name: 'own', file: 'learn/own.bin' }),
      { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
      { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
      annotate('languageStage'),
      annotate('topicTraining', { topics: 4 }),
      annotate('ngramTraining', { name: 'prose', texts: { sources: ['web'] }, buckets: 4096 }),
      annotate('personalDataStage'),
      annotate('readingStage'),
      annotate('topicStage'),
      annotate('safetyStage'),
      annotate('toxicityStage'),
      annotate('groupStage'),
      annotate('licenceStage'),
      annotate('urlStage'),
      annotate('contaminationStage'),
      annotate('qualityStage', { ngramModel: 'prose', classifier: 'own', label: 'sea' }),
      { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
      {
        stage: 'select',
        module: '@gristmill/select',
        export: 'selectStage',
        options: {
          policies: { web: ['blockedUrl', 'badWords', 'notReserved'] },
          duplicates: { threshold: null },
          split: { validation: 0 },
          quality: { signal: 'toxicity', scale: 1 },
        },
      },
      {
        stage: 'tokenizer',
        module: '@gristmill/pack',
        export: 'tokenizerStage',
        options: { vocabSize: 300 },
      },
      { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
    ],
  };
}

/** A classifier that was made elsewhere; `seed` gives another one. */
export function ownClassifier(seed: number): Uint8Array {
  const examples = Array.from({ length: 40 }, (_, i) => ({
    text: prose(i % 2 === 0 ? harbour : kitchen, 700 + 50 * seed + i),
    label: i % 2 === 0 ? 'sea' : 'soup',
  }));
  return encodeClassifier(trainClassifier(examples, { seed }));
}

export interface SignalCorpus {
  readonly folder: string;
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** @returns the recipe's path; a module is imported once a process, so each has a name of its own */
  writeRecipe(recipe: object): Promise<string>;
  close(): Promise<void>;
}

export async function makeSignalCorpus(): Promise<SignalCorpus> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-signals-'));
  let recipes = 0;
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await write(
    'pages/all.jsonl',
    pages()
      .map((page) => JSON.stringify(page))
      .join('\n'),
  );
  await write('lists/hosts', '0.0.0.0 listed.example\n');
  await write('lists/ut1/gambling/domains', 'casino.example\n');
  await write(
    'eval/quiz.jsonl',
    `${JSON.stringify({ id: 'q1', text: question })}\n{"id":"q2","text":"${prose(kitchen, 999).replaceAll('\n', ' ')}"}`,
  );
  await write('eval/bridges.txt', `${otherQuestion}\n`);
  const lines = (words: readonly string[], seed: number) =>
    Array.from({ length: 20 }, (_, i) => prose(words, seed + i).split('\n\n')[0]);
  await write(
    'learn/toxic.jsonl',
    lines(harbour, 500)
      .map((text) => JSON.stringify({ text }))
      .join('\n'),
  );
  await write('learn/own.bin', ownClassifier(1));
  await write('learn/fine.txt', lines(kitchen, 600).join('\n\n'));
  return {
    folder,
    write,
    async writeRecipe(recipe) {
      const name = `recipe-${++recipes}.ts`;
      await write(name, `export default ${JSON.stringify(recipe)};`);
      return join(folder, name);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
