import { expect, test } from 'vitest';
import { presets } from '@gristmill/models';
import { describePreset } from '../../apps/trainer/src/model-list.ts';

test('memory is 16 bytes a parameter under Adam, and activations', async () => {
  const { memory, parameters } = await describePreset('gpt3-125m', presets['gpt3-125m']);
  const kept = 2048 * 12 * 768 * 16;
  const logits = 256 * 50257 * 4;
  expect(memory.xlaF32).toBe(16 * parameters + 4 * kept + logits);
  expect(memory.xlaBf16).toBe(16 * parameters + 2 * kept + logits);
  expect(memory.cpu).toBeGreaterThan(16 * parameters);
});
