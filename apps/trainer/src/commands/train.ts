import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { DataError, exitCode } from '@gristmill/core';
import { findArchitecture } from '@gristmill/models';
import { sizeOf } from '@gristmill/tensor';
import { prepareRun, writeRunDescription, type PreparedRun, type TrainRequest } from '../prepare-run.ts';
import { createTrainingProgress } from '../progress.ts';
import { openShardSource } from '../sample-source.ts';
import { train } from '../train.ts';

interface Flags extends TrainRequest {
  readonly executor: string;
  readonly threads?: string;
  readonly dryRun?: boolean;
}

export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('Trains a model on shards; a run that was stopped goes on by itself')
    .requiredOption('--shards <dir>', 'a folder tokens/<key> of a corpus')
    .requiredOption('--model <name|file>', 'a preset or a config.json')
    .requiredOption('--run <dir>', 'the run: settings, losses, checkpoints, the model')
    .option('--config <file>', 'settings as JSON')
    .option('--set <name=value...>', 'settings, one by one', [])
    .option('--executor <name>', 'auto or cpu', 'auto')
    .option('--threads <n>', 'threads of the cpu executor; the result does not depend on it')
    .option('--dry-run', 'print what would be trained, and stop')
    .option('--repin', 'go on although the shards were written anew', false)
    .addHelpText(
      'after',
      '\nExample:\n  gristmill-trainer train --shards corpus/tokens/ab12 --model demo --run run',
    )
    .action(async (flags: Flags) => {
      checkExecutor(flags.executor);
      const prepared = await prepareRun(flags);
      if (flags.dryRun) process.stdout.write(`${JSON.stringify(describeRun(prepared), undefined, 2)}\n`);
      else await runTraining(flags, prepared);
    });
}

function checkExecutor(name: string): void {
  if (name === 'auto' || name === 'cpu') return;
  throw new DataError('unknown-executor', `there is no executor ${name}`, 'use --executor cpu');
}

function countParameters({ config }: PreparedRun): number {
  return findArchitecture(config)
    .parameters(config)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function describeRun(prepared: PreparedRun) {
  const { settings, description, index, done } = prepared;
  const stepTokens = settings.microBatchSize * settings.gradAccumSteps * settings.sequenceLength;
  return {
    model: description.model,
    parameters: countParameters(prepared),
    settings,
    stepTokens,
    totalTokens: stepTokens * settings.steps,
    trainTokens: index.splits.train?.tokens ?? 0,
    validationTokens: index.splits.validation?.tokens ?? 0,
    stepsDone: done,
  };
}

async function runTraining(flags: Flags, prepared: PreparedRun): Promise<void> {
  const { settings, config, store, index, done } = prepared;
  const threads = flags.threads === undefined ? availableParallelism() : Number(flags.threads);
  const source = await openShardSource(flags.shards, index, settings);
  await writeRunDescription(prepared);
  let stop = false;
  const requestStop = () => void (stop = true);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, requestStop);
  const progress = createTrainingProgress(settings.steps, done);
  process.stderr.write(
    `${countParameters(prepared)} parameters, ${settings.steps} steps${done ? `, from ${done}` : ''}\n`,
  );
  try {
    const report = await train({
      config,
      settings,
      source,
      run: store,
      threads,
      shouldStop: () => stop,
      ...progress,
    });
    progress.close();
    if (report.finished) return;
    process.stderr.write(`stopped after step ${report.step}; run the same command again to go on\n`);
    process.exitCode = exitCode.stopped;
  } finally {
    progress.close();
    await source.close();
  }
}
