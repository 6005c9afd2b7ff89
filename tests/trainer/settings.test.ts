import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { presets } from '@gristmill/models';
import {
  cutWindows,
  parseAssignments,
  resolveSettings,
  sampleToken,
  type ScoredWindow,
} from '@gristmill/trainer';

test('later settings win over earlier ones, and numbers may be written as text', () => {
  const { settings, model } = resolveSettings(
    { steps: 5, nLayer: 3 },
    parseAssignments(['steps=7', 'learningRate=1e-3']),
  );
  expect(settings).toEqual({ ...resolveSettings().settings, steps: 7, learningRate: 1e-3 });
  expect(model).toEqual({ nLayer: 3 });
});

test('every preset is made of settings that exist', () => {
  for (const { training } of Object.values(presets)) expect(() => resolveSettings(training)).not.toThrow();
});

test.each([
  [['stepz=7'], 'unknown-setting'],
  [['steps=0'], 'wrong-setting'],
  [['steps=1.5'], 'wrong-setting'],
  [['steps=many'], 'wrong-setting'],
  [['learningRate=-1'], 'wrong-setting'],
  [['optimizer=lion'], 'wrong-setting'],
  [['muonMomentum=0.9'], 'wrong-setting'], // no setting of adamw
  [['schedule=constant', 'minLearningRate=1e-5'], 'wrong-setting'],
  [['decayShape=cosine'], 'wrong-setting'],
  [['decayEmbeddings=maybe'], 'wrong-setting'],
  [['beta1=2'], 'wrong-setting'],
  [['emaDecay=1'], 'wrong-setting'],
  [['steps'], 'wrong-setting'],
])('--set %s is refused', (pairs, code) => {
  expect(() => resolveSettings(parseAssignments(pairs))).toThrow(expect.objectContaining({ code }) as Error);
});

test('another optimiser or schedule forgets what was said to the former, and has its own defaults', () => {
  const preset = presets.demo.training;
  const { settings } = resolveSettings(preset, { optimizer: 'adafactor', schedule: 'inverse-sqrt' });
  expect(settings).toMatchObject({ optimizer: 'adafactor', weightDecay: 0, scaleByRms: true, holdSteps: 0 });
  expect(settings).not.toHaveProperty('muonRateFactor');
  expect(settings).not.toHaveProperty('minLearningRate');
  expect(resolveSettings(preset).settings).toMatchObject({ muonRateFactor: 1.5, weightDecay: 0.1 });
  expect(resolveSettings({ muonMomentum: 0.9 }, { optimizer: 'muon' }).settings).toMatchObject({
    muonMomentum: 0.9,
  });
  expect(resolveSettings(parseAssignments(['decayEmbeddings=false'])).settings).toMatchObject({
    decayEmbeddings: false,
  });
});

test('windows score every token but the first exactly once, with enough before it', async () => {
  const sequence = Array.from({ length: 23 }, (_, i) => 100 + i);
  const windows: ScoredWindow[] = [];
  for await (const window of cutWindows([sequence.slice(0, 5), sequence.slice(5)], 8, 4))
    windows.push(window);
  const scored = windows.flatMap(({ tokens, targets }) =>
    [...targets].flatMap((target, i) => (target < 0 ? [] : [{ target, before: tokens[i], seen: i + 1 }])),
  );
  expect(scored.map(({ target }) => target)).toEqual(sequence.slice(1));
  for (const { target, before, seen } of scored) {
    expect(before).toBe(target - 1);
    expect(seen).toBeGreaterThanOrEqual(Math.min(5, target - 100));
  }
});

const everything = { temperature: 1, topK: 0, topP: 1, seed: 0 };
const logits = [Math.log(0.5), Math.log(0.1), Math.log(0.3), Math.log(0.1)];

test('sampling follows the probabilities, likeliest first', () => {
  const draw = (uniform: number) => sampleToken(logits, everything, uniform);
  expect([0, 0.49, 0.51, 0.79, 0.81, 0.89, 0.91].map(draw)).toEqual([0, 0, 2, 2, 1, 1, 3]);
});

test('selection and heap draw what sorting the whole vocabulary would', () => {
  const random = createRandom(3);
  // Rounded, so that many logits are equal.
  const many = Float32Array.from({ length: 500 }, () => Math.round(random() * 40) / 8);
  const order = Array.from(many, (_, i) => i).sort((a, b) => many[b] - many[a] || a - b);
  for (let n = 0; n < 400; n++) {
    const [topK, topP] = [[0, 1, 7, 60, 500][n % 5], [1, 0.9, 0.3][n % 3]];
    const temperature = 0.25 + random();
    const uniform = random();
    const kept = topK > 0 ? order.slice(0, topK) : order;
    const weights = kept.map((token) => Math.exp((many[token] - many[kept[0]]) / temperature));
    const wanted = topP * weights.reduce((sum, weight) => sum + weight, 0);
    let [sofar, size] = [0, 0];
    while (size < weights.length && (size === 0 || sofar < wanted)) sofar += weights[size++];
    let left = uniform * sofar;
    const at = weights.slice(0, size).findIndex((weight) => (left -= weight) < 0);
    const expected = kept[at < 0 ? size - 1 : at];
    const got = sampleToken(many, { temperature, topK, topP, seed: 0 }, uniform);
    // Sums in another order may differ in their last bits, so a draw at a border may fall to a neighbour of it.
    if (got !== expected) expect(Math.abs(order.indexOf(got) - order.indexOf(expected))).toBe(1);
  }
});

test('temperature 0 takes the likeliest, top-k and top-p cut the tail', () => {
  expect(sampleToken(logits, { ...everything, temperature: 0 }, 0.99)).toBe(0);
  expect(sampleToken(logits, { ...everything, topK: 2 }, 0.99)).toBe(2);
  expect(sampleToken(logits, { ...everything, topP: 0.4 }, 0.99)).toBe(0);
  expect(sampleToken(logits, { ...everything, topP: 0.75 }, 0.99)).toBe(2);
});
