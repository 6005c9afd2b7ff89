// A LLaVA of 209,000 parameters learns to tell shape, colour and place of pictures; a fifth of the combinations of the
// three it sees for the first time when it is asked.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCpuExecutor } from '@gristmill/tensor';
import { trainOnCaptions } from '@gristmill/trainer';
import { askAll } from './shapes-answers.ts';
import { writeShapes } from './shapes.ts';
import { smallLlava } from './small-llava.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);
const cpuSeconds = () => Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1e6);

const settings = {
  ...{ patchSize: 4, nPositions: 80, sequenceLength: 68, microBatchSize: 32, gradAccumSteps: 1 },
  ...{ optimizer: 'muon', learningRate: 0.004, minLearningRate: 3e-5, weightDecay: 0.01, beta2: 0.98 },
  ...{ steps: 1500, warmupSteps: 40, evalInterval: 0, sampleInterval: 0, histogramInterval: 0 },
};

test('at least 95 of 100 pictures of unseen combinations are told in shape, colour and place', async () => {
  const shapes = writeShapes({ variants: 60, tests: 4 });
  const run = join(shapes.folder, 'run');
  const executor = openCpuExecutor({ threads: 1 });
  const request = { data: shapes.train, tokenizer: shapes.tokenizer, run, model: smallLlava };
  await trainOnCaptions({ ...request, settings: [settings] }, executor, {
    onStep({ step, loss }) {
      if (step % 100 === 0) say(`step ${step}: loss ${loss.toFixed(4)}, ${cpuSeconds()} CPU seconds`);
    },
  });
  await executor.close();
  const answers = askAll(run, shapes.heldOut);
  const right = answers.filter(({ expected, text }) => text === expected).length;
  say(`${right} of ${answers.length} right, ${cpuSeconds()} CPU seconds without the answers`);
  for (const { expected, text } of answers) if (text !== expected) say(`  ${expected}: ${text}`);
  expect(answers).toHaveLength(4 * shapes.counts.heldOut);
  expect(right / answers.length).toBeGreaterThanOrEqual(0.95);
  expect(cpuSeconds()).toBeLessThan(600);
});
