import type { Command } from 'commander';
import { DataError, exitCode } from '@gristmill/core';
import { countParameters } from '@gristmill/models';
import { awaitShards, type TokenStore } from '@gristmill/shards';
import type { Executor } from '@gristmill/tensor';
import { openExecutor } from '../executors.ts';
import { keepHeads } from '../kept-heads.ts';
import { readNumber } from './options.ts';
import { keepSampleCounts, readSampleCounts } from '../run-folder.ts';
import { prepareRun, writeRunDescription, type PreparedRun, type TrainRequest } from '../prepare-run.ts';
import { createTrainingProgress } from '../progress.ts';
import { openShardSource, type SampleSource } from '../sample-source.ts';
import { tokensOfStep } from '../settings.ts';
import { train } from '../train.ts';

interface Flags extends TrainRequest {
  readonly executor: string;
  readonly threads?: string;
  readonly dryRun?: boolean;
  readonly waitForShards?: string;
}

export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('Trains a model on shards; a run that was stopped goes on by itself')
    .requiredOption('--shards <dir>', 'tokens/<key> of a corpus: a folder or s3://bucket/prefix')
    .requiredOption('--model <name|file>', 'a preset or a config.json')
    .requiredOption('--run <dir>', 'the run: settings, losses, checkpoints, the model')
    .option('--config <file>', 'settings as JSON')
    .option('--set <name=value...>', 'settings, one by one', [])
    .option('--executor <name>', 'auto, cpu or xla', 'auto')
    .option('--threads <n>', 'threads of the cpu executor; the result does not depend on it')
    .option('--dry-run', 'print what would be trained, and stop')
    .option('--wait-for-shards <seconds>', 'wait so long for a shard that is still being copied here')
    .option('--repin', 'go on although the shards were written anew', false)
    .addHelpText(
      'after',
      '\nExample:\n  gristmill-trainer train --shards corpus/tokens/ab12 --model demo --run run',
    )
    .action(async (flags: Flags) => {
      const executor = await openExecutor({ name: flags.executor, threads: readThreads(flags.threads) });
      const prepared = await prepareRun(flags);
      if (flags.dryRun) await printPlan(flags, prepared);
      else await runTraining(flags, prepared, executor);
      await executor.close();
    });
}

function readThreads(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readNumber('--threads', text, { least: 1, most: 256, whole: true });
}

async function printPlan(flags: Flags, prepared: PreparedRun): Promise<void> {
  const source = await openSource(flags.shards, prepared);
  const { settings, data, description, index, done } = prepared;
  const stepTokens = tokensOfStep(settings);
  const plan = {
    model: description.model,
    parameters: countParameters(prepared.model),
    settings,
    data,
    stepTokens,
    totalTokens: stepTokens * settings.steps,
    trainTokens: index.splits.train?.tokens ?? 0,
    validationTokens: index.splits.validation?.tokens ?? 0,
    components: source.forecast,
    stepsDone: done,
  };
  process.stdout.write(`${JSON.stringify(plan, undefined, 2)}\n`);
  await source.close();
}

async function openSource(shards: string | TokenStore, prepared: PreparedRun): Promise<SampleSource> {
  const { store, index, settings, data, description } = prepared;
  const sampleCounts = await readSampleCounts(store, description.index);
  return openShardSource({ shards, index, settings, sampleCounts, ...data });
}

async function runTraining(flags: Flags, prepared: PreparedRun, executor: Executor): Promise<void> {
  const { settings, model, store, index, done, description } = prepared;
  const stop = new AbortController();
  const { signal } = stop;
  const shards = placeOfShards(flags, prepared, signal);
  const source = await openSource(shards, prepared);
  await writeRunDescription(prepared);
  await keepSampleCounts(store, description.index, source.sampleCounts);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const heads = keepHeads(store, shards, index, () => signal.aborted);
  heads.catch(() => {}); // awaited below; a damaged shard must not end the process before that
  printForecast(prepared, source);
  const progress = createTrainingProgress({
    steps: settings.steps,
    done,
    microBatches: settings.gradAccumSteps,
  });
  try {
    const onDamaged = (error: DataError) => process.stderr.write(`${error.message}\n  hint: ${error.hint}\n`);
    const report = await train({
      executor,
      model,
      settings,
      source,
      run: store,
      signal,
      onDamaged,
      ...progress,
    });
    progress.close();
    reportDamage(source);
    if (!report.finished) {
      process.stderr.write(`stopped after step ${report.step}; run the same command again to go on\n`);
      // A micro-batch that was begun may go on for minutes: nobody waits for it.
      process.exit(exitCode.stopped);
    }
  } finally {
    progress.close();
    await source.close();
  }
  await settleHeads(heads, prepared);
}

function placeOfShards(flags: Flags, { index }: PreparedRun, signal: AbortSignal): string | TokenStore {
  if (flags.waitForShards === undefined) return flags.shards;
  const seconds = readNumber('--wait-for-shards', flags.waitForShards, { least: 0 });
  return awaitShards(flags.shards, index.shards, {
    waitMs: seconds * 1000,
    signal,
    onWait: ({ file }) => process.stderr.write(`waiting for shard ${file}\n`),
  });
}

/** How much of what the run will see, before the first step. */
function printForecast(prepared: PreparedRun, source: SampleSource): void {
  const { settings, done } = prepared;
  const rest = done > 0 ? `, from ${done}` : '';
  process.stderr.write(`${countParameters(prepared.model)} parameters, ${settings.steps} steps${rest}\n`);
  for (const { name, rows, tokens, epochs } of source.forecast)
    process.stderr.write(`  ${name}: ${rows} rows, ${tokens} tokens, ${epochs.toFixed(3)} epochs\n`);
}

function reportDamage({ damage }: SampleSource): void {
  for (const error of damage.values()) process.stderr.write(`left out: ${error.message}\n`);
}

/** Heads of shards that cannot be read are said to be missing, unless the run was told to pass such shards by. */
async function settleHeads(heads: Promise<number>, { data }: PreparedRun): Promise<void> {
  try {
    await heads;
  } catch (error) {
    if ((error as Error).name === 'AbortError') return;
    if (!(error instanceof DataError) || data.onDamaged !== 'skip') throw error;
    process.stderr.write(`its head is not kept: ${error.message}\n`);
  }
}
