// Each schedule beside the one of transformers, step by step. Their n counts the steps done, so their rate of the first
// step is that of n = 0; the curves are the same functions of n.
import { expect, test } from 'vitest';
import { learningRateAt, type Schedule } from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const [steps, warmupSteps] = [120, 15];

const cases: readonly (readonly [Partial<Schedule> & Pick<Schedule, 'schedule'>, string])[] = [
  [{ schedule: 'constant' }, 't.get_constant_schedule_with_warmup(o, 15)'],
  [{ schedule: 'linear' }, 't.get_linear_schedule_with_warmup(o, 15, 120)'],
  [{ schedule: 'cosine' }, 't.get_cosine_schedule_with_warmup(o, 15, 120)'],
  [
    { schedule: 'cosine', minLearningRate: 0.1 },
    't.get_cosine_with_min_lr_schedule_with_warmup(o, 15, 120, min_lr_rate=0.1)',
  ],
  [{ schedule: 'inverse-sqrt' }, 't.get_inverse_sqrt_schedule(o, 15)'],
  ...(['linear', 'cosine', '1-sqrt'] as const).map(
    (decayShape) =>
      [
        { schedule: 'trapezoid', decaySteps: 30, decayShape, minLearningRate: 0.1 },
        `t.get_wsd_schedule(o, 15, 30, num_training_steps=120, min_lr_ratio=0.1, decay_type='${decayShape}')`,
      ] as const,
  ),
];

const program = `
import json, sys, torch, transformers.optimization as t
results = []
for make in json.loads(sys.stdin.read()):
    o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = eval(make)
    rates = []
    for _ in range(130):
        rates.append(schedule.get_last_lr()[0])
        o.step()
        schedule.step()
    results.append(rates)
print(json.dumps(results))
`;

test.skipIf(!python)(`learning rates are those of transformers at every step${why}`, () => {
  const makes = JSON.stringify(cases.map(([, make]) => make));
  const expected = JSON.parse(runPython(python!, program, [], makes)) as number[][];
  for (const [i, [own]] of cases.entries()) {
    const schedule = { learningRate: 1, minLearningRate: 0, warmupSteps, steps, ...own };
    // Their trapezoid rises from its least rate, ours from zero.
    for (let step = own.schedule === 'trapezoid' ? warmupSteps : 1; step <= steps; step++)
      expect(learningRateAt(step, schedule), `${own.schedule} ${step}`).toBeCloseTo(expected[i][step], 9);
  }
});
