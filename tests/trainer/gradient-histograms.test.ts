import { expect, test } from 'vitest';
import { initialise, sumName } from '@gristmill/models';
import { openCpuExecutor, openReferenceExecutor } from '@gristmill/tensor';
import { createGradientCounter } from '../../apps/trainer/src/watch/gradient-histograms.ts';
import { modelOf, small } from './shards.ts';

const { nPositions, nLayer, nHead, nEmbd } = small;
const model = modelOf({ nPositions, nLayer, nHead, nEmbd });

for (const executor of [openCpuExecutor({ threads: 2 }), openReferenceExecutor()])
  test(`gradients are counted by magnitude on the executor ${executor.name}`, async () => {
    const specs = model.parameters();
    const targets = 8;
    const data = specs.map((spec, i) => {
      const values = initialise({ ...spec, init: { kind: 'normal', std: 10 ** -(i % 6) } }, i, 3);
      values[0] = 0;
      return values;
    });
    const sums: Record<string, Awaited<ReturnType<typeof executor.upload>>> = {};
    for (const [i, { name, shape }] of specs.entries())
      sums[sumName(name)] = await executor.upload({ shape, dtype: 'f32' }, data[i]);
    const { step, all, parameters } = await (
      await createGradientCounter(executor, model)
    ).count(7, sums, targets);
    expect(step).toBe(7);
    for (const [i, { name }] of specs.entries()) {
      const magnitudes = Array.from(data[i], (value) => Math.fround(Math.abs(value) / targets));
      const { counts, limits, max, count, sum, sumSquares } = parameters[name];
      expect(count).toBe(data[i].length);
      expect(max).toBeCloseTo(Math.max(...magnitudes), 6);
      expect(sum / magnitudes.reduce((a, b) => a + b, 0) - 1).toBeCloseTo(0, 4);
      expect(sumSquares / magnitudes.reduce((a, b) => a + b * b, 0) - 1).toBeCloseTo(0, 4);
      const expected = limits.map(
        (limit, k) => magnitudes.filter((one) => (one >= limit / 2 || k === 0) && one < limit).length,
      );
      // Single precision may put what lies right at a border on its other side.
      const moved = expected.reduce((wrong, n, k) => wrong + Math.abs(n - counts[k]), 0);
      expect(moved).toBeLessThanOrEqual(2);
    }
    expect(all.count).toBe(data.reduce((n, values) => n + values.length, 0));
    expect(all.counts[0]).toBeGreaterThanOrEqual(specs.length);
    await executor.close();
  });
