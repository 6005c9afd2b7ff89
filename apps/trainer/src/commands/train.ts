import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { DataError, exitCode } from '@gristmill/core';
import { findArchitecture } from '@gristmill/models';
import { sizeOf } from '@gristmill/tensor';
import { awaitShards, type TokenStore } from '@gristmill/shards';
import { keepHeads } from '../kept-heads.ts';
import { readNumber } from './options.ts';
import { keepSampleCounts, readSampleCounts } from '../run-folder.ts';
import { prepareRun, writeRunDescription, type PreparedRun, type TrainRequest } from '../prepare-run.ts';
import { createTrainingProgress } from '../progress.ts';
import { openShardSource, type SampleSource } from '../sample-source.ts';
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
    .option('--executor <name>', 'auto or cpu', 'auto')
    .option('--threads <n>', 'threads of the cpu executor; the result does not depend on it')
    .option('--dry-run', 'print what would be trained, and stop')
    .option('--wait-for-shards <seconds>', 'wait so long for a shard that is still being copied here')
    .option('--repin', 'go on although the shards were written anew', false)
    .addHelpText(
      'after',
      '\nExample:\n  gristmill-trainer train --shards corpus/tokens/ab12 --model demo --run run',
    )
    .action(async (flags: Flags) => {
      checkExecutor(flags.executor);
      const prepared = await prepareRun(flags);
      if (flags.dryRun) await printPlan(flags, prepared);
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

async function printPlan(flags: Flags, prepared: PreparedRun): Promise<void> {
  const source = await openSource(flags.shards, prepared);
  const { settings, data, description, index, done } = prepared;
  const stepTokens = settings.microBatchSize * settings.gradAccumSteps * settings.sequenceLength;
  const plan = {
    model: description.model,
    parameters: countParameters(prepared),
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

async function runTraining(flags: Flags, prepared: PreparedRun): Promise<void> {
  const { settings, config, store, index, done, description } = prepared;
  const threads = flags.threads === undefined ? availableParallelism() : Number(flags.threads);
  const stop = new AbortController();
  const shards = placeOfShards(flags, prepared, stop.signal);
  const source = await openSource(shards, prepared);
  await writeRunDescription(prepared);
  await keepSampleCounts(store, description.index, source.sampleCounts);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const heads = keepHeads(store, shards, index, () => stop.signal.aborted);
  heads.catch(() => {}); // awaited below; a damaged shard must not end the process before that
  printForecast(prepared, source);
  const progress = createTrainingProgress(settings.steps, done);
  const shouldStop = () => stop.signal.aborted;
  try {
    const report = await train({ config, settings, source, run: store, threads, shouldStop, ...progress });
    progress.close();
    reportDamage(source);
    if (!report.finished) {
      process.stderr.write(`stopped after step ${report.step}; run the same command again to go on\n`);
      process.exitCode = exitCode.stopped;
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
  process.stderr.write(`${countParameters(prepared)} parameters, ${settings.steps} steps${rest}\n`);
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
