// One step of a run as the log tells it: its samples, whether they can be trained on, and what is done about a step that
// is not sound.

import { DataError } from '@gristmill/core';
import { learningRateAt } from '@gristmill/models';
import type { Samples } from './sample-source.ts';
import { settleSaving } from './saving.ts';
import { findSkip } from './skipped-steps.ts';
import { sizeOfStep, tokensOfStep, tokensUntil } from './step-size.ts';
import { judgeStep, type Verdict } from './step-verdict.ts';
import type { Loop, LossLine, TrainOptions } from './training-run.ts';
import type { StepResult } from './training-step.ts';
import { observeGradients } from './watch/observe.ts';

/** More of them is no accident any more. */
const mostRewinds = 10;

/** A line of the log; undefined where the signal broke the step off. */
export async function runStep(
  options: TrainOptions,
  loop: Loop,
  wanted: Promise<Samples>,
): Promise<LossLine | 'rewind' | undefined> {
  const { settings, signal, onMicroBatch } = options;
  const start = performance.now();
  const samples = await wanted;
  const inputWaitMs = performance.now() - start;
  let saveWaitMs: number | undefined;
  const at = loop.at + 1;
  const learningRate = learningRateAt(at, settings);
  const describe = (result: Pick<StepResult, 'loss' | 'gradNorm'>, skipped?: string): LossLine => ({
    step: at,
    loss: result.loss,
    learningRate,
    gradNorm: result.gradNorm,
    tokens: tokensUntil(settings, at),
    ...describeSpeed(options, at, (performance.now() - start) / 1000),
    inputWaitMs: inThousandths(inputWaitMs),
    ...(saveWaitMs === undefined ? {} : { saveWaitMs: inThousandths(saveWaitMs) }),
    ...(skipped === undefined ? {} : { skipped }),
  });
  const skip = findSkip(loop.skips, at);
  if (skip) return describe({ loss: NaN, gradNorm: NaN }, skip.why);
  await checkTokens(options, at, samples);
  let verdict: Verdict | undefined;
  const result = await loop.step.run({
    step: at,
    updates: loop.updates,
    learningRate,
    size: sizeOfStep(settings, at),
    samples,
    signal,
    onMicroBatch: (done) => onMicroBatch?.(at, done),
    async beforeUpdate(measured, sums) {
      // A checkpoint is written while the next step adds up its gradients: parameters stand still until here.
      saveWaitMs = await settleSaving(loop);
      verdict = judgeStep(measured, { step: at, before: loop.losses }, settings);
      if (verdict) await reportTrouble(options, loop, verdict, measured);
      else await observeGradients(options, loop, { sums, targets: measured.targets });
      return verdict === undefined || verdict.action === 'report';
    },
  });
  if (result === undefined) return undefined;
  if (verdict?.action === 'rewind') return 'rewind';
  return describe(result, result.updated ? undefined : verdict?.trouble);
}

const inThousandths = (ms: number) => Math.round(ms * 1000) / 1000;

function describeSpeed({ settings, leastStepSeconds }: TrainOptions, at: number, seconds: number) {
  const tokens = tokensOfStep(settings, at);
  const { microBatchSize, gradAccumSteps, sequenceLength } = settings;
  const share = tokens / (microBatchSize * gradAccumSteps * sequenceLength);
  const mfu = leastStepSeconds && Number(((share * leastStepSeconds) / seconds).toPrecision(4));
  return {
    tokensPerSecond: Math.round(tokens / seconds),
    ...(mfu === undefined ? {} : { mfu }),
  };
}

/** @throws DataError `loss-not-finite` under the policy stop, `too-many-rewinds` */
async function reportTrouble(
  { source, onTrouble }: TrainOptions,
  loop: Loop,
  { trouble, action, deviations }: Verdict,
  { loss, gradNorm }: StepResult,
): Promise<void> {
  const at = loop.at + 1;
  const what =
    trouble === 'spike'
      ? `the loss of step ${at} is ${loss.toFixed(3)}, ${deviations?.toFixed(1)} deviations above those before it`
      : `step ${at} has a loss of ${loss} and a gradient of norm ${gradNorm}`;
  const documents = nameSome(await source.documents(at));
  if (action === 'rewind' && ++loop.rewinds > mostRewinds)
    throw new DataError(
      'too-many-rewinds',
      `${what}, and the run has gone back ${mostRewinds} times already`,
      `lower --set learningRate; the batch held ${documents}`,
    );
  if (action === 'stop')
    throw new DataError(
      'loss-not-finite',
      `${what}; the newest checkpoint stands`,
      `lower --set learningRate in another folder, or go on with --set nonFinite=skip or rewind; the batch held ${documents}`,
    );
  onTrouble?.(`${what}: ${action === 'report' ? 'trained on' : action}; its batch held ${documents}`);
}

function nameSome(documents: readonly string[]): string {
  const shown = documents.slice(0, 5).join(', ');
  const rest = documents.length - 5;
  return `document${documents.length === 1 ? '' : 's'} ${shown}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** @throws DataError `token-beyond-vocabulary` */
async function checkTokens(
  { model: { vocabSize }, source }: TrainOptions,
  step: number,
  { tokens, targets, encoderTokens = tokens }: Partial<Samples>,
): Promise<void> {
  const isWrong = (token: number) => token < 0 || token >= vocabSize;
  const wrong = tokens?.find(isWrong) ?? encoderTokens?.find(isWrong) ?? targets?.find((t) => t >= vocabSize);
  if (wrong === undefined) return;
  throw new DataError(
    'token-beyond-vocabulary',
    `step ${step} has a token ${wrong}, and the model a vocabulary of ${vocabSize}`,
    `the shards do not fit their index: build them again; the batch held ${nameSome(await source.documents(step))}`,
  );
}
