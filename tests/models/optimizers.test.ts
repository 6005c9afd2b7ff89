import { expect, test } from 'vitest';
import {
  averageState,
  createAdafactor,
  createAdamW,
  createMuon,
  createSgd,
  stateName,
  withAverage,
  withRates,
  type MuonOptions,
} from '@gristmill/models';
import { createBuilder, interpret, openCpuExecutor } from '@gristmill/tensor';
import { rates, runOptimizer, specs, start, updates } from './optimizer-run.ts';

const moments = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

test('Adafactor keeps the sums of rows and columns of a matrix, and of a vector its whole second moment', () => {
  const optimizer = createAdafactor({
    decayRate: 0.8,
    updateClip: 1,
    beta1: 0,
    scaleByRms: true,
    weightDecay: 0,
  });
  expect(specs.map((spec) => optimizer.state(spec))).toEqual([
    { rows: [7, 1], columns: [1, 4] },
    { rows: [4, 1], columns: [1, 6] },
    { v: [6] },
  ]);
});

test('the average of the weights is that of all so far, each weighed by its age, and the training is the same', async () => {
  const decay = 0.8;
  const path = await Promise.all(
    Array.from({ length: updates }, (_, n) =>
      runOptimizer(createSgd({ momentum: 0.9, weightDecay: 0 }), { until: n + 1 }),
    ),
  );
  const got = await runOptimizer(withAverage(createSgd({ momentum: 0.9, weightDecay: 0 }), decay));
  for (const { name } of specs) {
    expect(got[name]).toEqual(path[updates - 1][name]);
    got[stateName(averageState, name)].forEach((value, i) => {
      const weights = path.map((_, n) => decay ** (updates - 1 - n));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const mean = path.reduce((sum, at, n) => sum + weights[n] * at[name][i], 0) / total;
      expect(value).toBeCloseTo(mean, 6);
    });
  }
});

test('tables and heads may have learning rates of their own, whatever the optimiser', async () => {
  const adamw = createAdamW(moments);
  const muon = createMuon({ momentum: 0.9, weightDecay: 0.1, rateFactor: 1, rest: moments });
  for (const optimizer of [adamw, muon, createSgd({ momentum: 0.9, weightDecay: 0.1 })]) {
    const [usual, faster, apart] = await Promise.all([
      runOptimizer(optimizer),
      runOptimizer(optimizer, { rates: rates.map((rate) => 15 * rate) }),
      runOptimizer(withRates(optimizer, { embedding: 15, head: 0.4 })),
    ]);
    expect(apart.table.map((value, i) => Math.abs(value - faster.table[i])).every((far) => far < 1e-6)).toBe(
      true,
    );
    expect([apart.matrix, apart.vector]).toEqual([usual.matrix, usual.vector]);
    expect(apart.table).not.toEqual(usual.table);
  }
});

test('the Polar Express brings singular values nearer to one than Newton and Schulz do', async () => {
  const rest = { ...moments, weightDecay: 0 };
  const stepOf = async (iteration: MuonOptions['iteration']) => {
    const muon = createMuon({ momentum: 0, weightDecay: 0, rateFactor: 1, iteration, rest });
    const { matrix } = await runOptimizer(muon, { until: 1, rates: [1] });
    return matrix.map((value, i) => (start.matrix[i] - value) / Math.sqrt(6 / 4)); // [4, 6] of singular values near 1
  };
  const distance = (q: number[]) => {
    let most = 0;
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < 4; j++) {
        const product = Array.from({ length: 6 }, (_, k) => q[i * 6 + k] * q[j * 6 + k]);
        most = Math.max(most, Math.abs(product.reduce((sum, value) => sum + value, 0) - (i === j ? 1 : 0)));
      }
    return most; // of Q Qᵀ from the identity
  };
  const [newton, polar] = [distance(await stepOf('newton-schulz')), distance(await stepOf('polar-express'))];
  expect(polar).toBeLessThan(0.35); // 1.15² − 1
  expect(newton).toBeLessThan(0.55);
  expect(polar).toBeLessThan(newton);
});

test('Muon steps a matrix [out, in] as it steps the same one that lies [in, out]', () => {
  const muon = createMuon({ momentum: 0.9, weightDecay: 0.1, rateFactor: 1, rest: { ...moments } });
  const values = Array.from({ length: 24 }, (_, i) => Math.sin(7 * i));
  const slope = Array.from({ length: 24 }, (_, i) => Math.cos(5 * i + 1));
  const turned = (of: ArrayLike<number>) => values.map((_, i) => of[(i % 4) * 6 + Math.floor(i / 4)]);
  const stepOf = (shape: number[], outFirst: boolean, [parameter, gradient]: number[][]) => {
    const b = createBuilder();
    const spec = { name: 'w', shape, role: 'matrix', outFirst, init: { kind: 'zeros' } } as const;
    const [w, g, m] = ['parameter', 'gradient', 'm'].map((name) => b.input(name, shape));
    const [rate, scale] = [b.input('rate', []), b.input('scale', [])];
    const scalars = { learningRate: rate, scale, own: muon.scalars(1).map((_, i) => b.input(`own${i}`, [])) };
    const updated = muon.update(b, { spec, parameter: w, gradient: g, state: { m }, scalars });
    const own = Object.fromEntries(muon.scalars(1).map((value, i) => [`own${i}`, [value]]));
    const zeros = new Float64Array(24);
    const given = { parameter, gradient, m: zeros, rate: [0.1], scale: [1], ...own };
    return interpret(b.finish({ parameter: updated.parameter }), given).parameter;
  };
  const flat = stepOf([4, 6], false, [values, slope]);
  const upright = stepOf([6, 4], true, [turned(values), turned(slope)]);
  turned(flat).forEach((value, i) => expect(upright[i]).toBeCloseTo(value, 6));
});

test('each optimiser gives on the cpu executor what it gives in double precision', async () => {
  const adafactor = { decayRate: 0.8, updateClip: 1, beta1: 0.9, scaleByRms: true, weightDecay: 0.1 };
  for (const optimizer of [
    createAdafactor(adafactor),
    createAdamW({ ...moments, scaleByRms: true }),
    withAverage(createSgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }), 0.9),
  ]) {
    const [got, expected] = [
      await runOptimizer(optimizer, { executor: openCpuExecutor() }),
      await runOptimizer(optimizer),
    ];
    for (const [name, values] of Object.entries(expected))
      got[name].forEach((value, i) =>
        expect(Math.abs(value - values[i]), name).toBeLessThan(1e-5 * Math.max(1, Math.abs(values[i]))),
      );
  }
});
