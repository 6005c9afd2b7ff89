// Guards the stages' versions: the same texts give the same signals, or a version must be raised.
import { describe, expect, it } from 'vitest';
import { hashJson, type Json, type JsonObject, type Row, type RowStage } from '@gristmill/core';
import {
  contaminationStage,
  groupStage,
  heuristicsStage,
  licenceStage,
  personalDataStage,
  qualityStage,
  readingStage,
  safetyStage,
  topicStage,
  toxicityStage,
  urlStage,
} from '@gristmill/annotate';
import { cleanStage } from '@gristmill/clean';
import {
  buildUrlLists,
  encodeClassifier,
  encodeEvaluationSets,
  encodeNgramModel,
  encodeTopics,
  encodeUrlLists,
  evaluationDefaults,
  plainText,
  trainClassifier,
  trainNgramModel,
  trainTopics,
} from '@gristmill/detect';
import { goldenTexts } from './golden-texts.ts';

const languages = ['en', 'en', 'en', 'en', 'en', 'de', 'ja', 'ru', 'es', 'en', 'en', 'en', 'en', 'en'];
const rows: readonly Row[] = goldenTexts.map((text, i) => ({
  id: `${i}`,
  text,
  language: languages[i],
  url: `https://${['mill', 'listed', 'casino'][i % 3]}.example/${i}`,
}));
const learned = goldenTexts.filter((text) => text !== '');
const sentences = learned.flatMap((text) => text.split(/(?<=[.!?])\s/));
const examples = sentences.map((text, i) => ({ text, label: i % 2 === 0 ? 'toxic' : 'not' }));
const artefacts: ReadonlyMap<string, Uint8Array> = new Map([
  ['url-lists', encodeUrlLists(buildUrlLists([{ category: 'adult', content: '0.0.0.0 listed.example\n' }]))],
  [
    'evaluation',
    encodeEvaluationSets({
      ...evaluationDefaults,
      items: [{ set: 'quiz', id: 'q1', words: plainText(goldenTexts[11]) }],
    }),
  ],
  ['topics', encodeTopics(trainTopics(sentences, { topics: 4, seed: 1 }))],
  ['toxicity', encodeClassifier(trainClassifier(examples))],
  ['prose', encodeNgramModel(trainNgramModel(learned, { buckets: 4096 }))],
]);

const stages: readonly (readonly [stage: RowStage<JsonObject>, options?: JsonObject])[] = [
  [cleanStage as RowStage<JsonObject>],
  [heuristicsStage as RowStage<JsonObject>],
  [personalDataStage as RowStage<JsonObject>],
  [readingStage as RowStage<JsonObject>],
  [safetyStage as RowStage<JsonObject>],
  [groupStage as RowStage<JsonObject>],
  [licenceStage as RowStage<JsonObject>],
  [urlStage as RowStage<JsonObject>],
  [contaminationStage as RowStage<JsonObject>],
  [topicStage as RowStage<JsonObject>],
  [toxicityStage as RowStage<JsonObject>],
  [qualityStage as RowStage<JsonObject>, { classifier: 'toxicity', label: 'toxic', ngramModel: 'prose' }],
];

describe('clean and annotate', () => {
  it('give the recorded rows (a change here needs a higher version)', async () => {
    const digests: Record<string, string> = {};
    for (const [stage, options = {}] of stages) {
      const transform = await stage.create(options, artefacts);
      const output: Row[] = [];
      for (const row of rows) output.push(await transform(row));
      digests[`${stage.name} ${stage.version}`] = hashJson(output as unknown as Json).slice(0, 16);
    }
    expect(digests).toMatchInlineSnapshot(`
      {
        "annotate-contamination 1": "bf6ef5b3f7bd9296",
        "annotate-groups 1": "42c7402ff4a09056",
        "annotate-heuristics 2": "05235ff402407541",
        "annotate-licence 1": "10db7e84bd1136ef",
        "annotate-pii 3": "86135109e85f93af",
        "annotate-quality 1": "ccc6c4078fd7b403",
        "annotate-reading 1": "f57ea1a0efc31459",
        "annotate-safety 1": "75e0ff73e779c3b3",
        "annotate-topic 1": "25c04aed0150b828",
        "annotate-toxicity 1": "0818f9228ee0252a",
        "annotate-url 1": "7589f28b81b7ce74",
        "clean 3": "a52d6827478b1d61",
      }
    `);
  });

  it('name topic and genre by a classifier where the recipe says so', async () => {
    const text = 'Ships sail when the tide is high.';
    const trained = encodeClassifier(
      trainClassifier([
        { text, label: 'sea' },
        { text: 'Bake the bread until the crust is brown.', label: 'kitchen' },
      ]),
    );
    const pins = new Map([['kinds', trained]]);
    const row: Row = { id: 'a', text };
    const topic = await topicStage.create({ classifier: 'kinds' }, pins);
    const reading = await readingStage.create({ genres: 'kinds' }, pins);
    expect(await topic(row)).toMatchObject({ topic: 'sea' });
    expect((await topic(row)).topicSimilarity).toBeGreaterThan(500);
    expect(await reading(row)).toMatchObject({ genre: 'sea' });
  });
});
