// Every preset beside what its paper, Hugging Face's class of it or its own model card counts. What a paper rounds is
// counted by transformers on the meta device (presets.full.test.ts counts all of them again).
import { expect, test } from 'vitest';
import { countParameters, createModel, findPreset, presets, type ModelConfig } from '@gristmill/models';

const published: Readonly<Record<string, number>> = {
  gpt1: 116_534_784,
  'gpt2-124m': 124_439_808,
  'gpt2-350m': 354_823_168,
  'gpt2-774m': 774_030_080,
  'gpt2-1558m': 1_557_611_200,
  'llm.c': 124_439_808,
  'nanogpt-char-cpu': 809_856,
  'nanogpt-char-gpu': 10_770_816,
  'gpt3-125m': 125_226_240,
  'gpt3-350m': 355_871_744,
  'gpt3-760m': 760_300_032,
  'gpt3-1.3b': 1_315_723_264,
  'gpt3-2.7b': 2_651_553_280,
  'gpt3-6.7b': 6_658_404_352,
  'gpt3-13b': 12_853_386_240,
  'gpt3-175b': 174_604_259_328,
  'bert-base': 109_482_240,
  'bert-large': 335_141_888,
  'roberta-base': 124_645_632,
  'roberta-large': 355_359_744,
  't5-small': 60_506_624,
  't5-base': 222_903_552,
  't5-large': 737_668_096,
  't5-3b': 2_851_598_336,
  't5-11b': 11_307_321_344,
  't5-v1.1-small': 76_961_152,
  't5-v1.1-base': 247_577_856,
  't5-v1.1-large': 783_150_080,
  't5-v1.1-xl': 2_849_757_184,
  't5-v1.1-xxl': 11_135_332_352,
  // Paper: 65 M and 213 M. With the bias of 37,000 words that transformers, whose counts are recorded, keeps as a buffer.
  'transformer-base': 63_082_496 + 37_000,
  'transformer-big': 214_245_376 + 37_000,
  'llama-7b': 6_738_415_616,
  'llama-13b': 13_015_864_320,
  'llama-33b': 32_528_943_616,
  'llama-65b': 65_285_660_672,
  'llama2-70b': 68_976_648_192,
  'llama3-8b': 8_030_261_248,
  'llama3.2-1b': 1_235_814_400,
  tinyllama: 1_100_048_384,
  'smollm3-3b': 3_075_098_624,
  'bloom-560m': 559_214_592,
  'bloom-1b1': 1_065_314_304,
  'bloom-1b7': 1_722_408_960,
  'bloom-3b': 3_002_557_440,
  'bloom-7b1': 7_069_016_064,
  'bloom-176b': 176_247_271_424,
  'nanochat-d20': 477_102_080,
};

const configOf = (name: string) =>
  ({ ...findPreset(name)!.model, vocabSize: findPreset(name)!.vocabSize, eosTokenId: 0 }) as ModelConfig;

test.each(Object.entries(published))('%s has %i parameters', (name, parameters) => {
  const bare = { ...configOf(name), ...findPreset(name)!.bare } as ModelConfig;
  expect(countParameters(createModel(bare))).toBe(parameters);
});

test('the heads of pre-training are a second figure', () => {
  expect(countParameters(createModel(configOf('bert-base')))).toBe(110_106_428);
  expect(Object.keys(presets).filter((name) => published[name] === undefined && name !== 'demo')).toEqual([]);
});

test('any even depth names a nanochat, whose steps and width follow from it', () => {
  expect(findPreset('nanochat-d12')!.model).toMatchObject({ nLayer: 12, nEmbd: 768, nHead: 6 });
  expect(findPreset('nanochat-d32')!.model).toMatchObject({ nLayer: 32, nEmbd: 2048, nHead: 16 });
  for (const name of ['nanochat-d0', 'nanochat-d7', 'nanochat-d', 'nanochat-d1000', 'toString'])
    expect(findPreset(name)).toBeUndefined();
});

test("GPT-3's batch grows to the paper's within the paper's tokens", () => {
  const { training } = presets['gpt3-175b'];
  const ramp = Object.entries(training.batchRamp as Record<string, number>);
  expect(ramp[0]).toEqual(['1', 16]);
  expect(ramp.at(-1)![1]).toBe(1600);
  const grown = ramp
    .slice(0, -1)
    .reduce((sum, [from, size], i) => sum + (Number(ramp[i + 1][0]) - Number(from)) * size * 2048, 0);
  expect(Math.abs(grown / 12e9 - 1)).toBeLessThan(1e-3);
  const rest = (Number(training.steps) - Number(ramp.at(-1)![0]) + 1) * 1600 * 2048;
  expect(Math.abs((grown + rest) / 300e9 - 1)).toBeLessThan(1e-3);
});
