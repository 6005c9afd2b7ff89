import type { Command } from 'commander';
import { DataError, exitCode, onStopSignal } from '@gristmill/core';
import { countParameters } from '@gristmill/models';
import { awaitShards, type TokenStore } from '@gristmill/shards';
import { leaseLost, takeFolderLease, type LeaseHolder } from '@gristmill/storage';
import type { Executor } from '@gristmill/tensor';
import { announceReading } from '../announce-reading.ts';
import { openExecutor } from '../executors.ts';
import { keepHeads } from '../kept-heads.ts';
import { readNumber, readThreads } from './options.ts';
import { describeSettings } from './settings-help.ts';
import { findLeastStepSeconds, openWatchers, tellOutcome } from './watchers.ts';
import { keepSampleCounts, readSampleCounts } from '../run-folder.ts';
import { prepareRun, writeRunDescription, type PreparedRun } from '../prepare-run.ts';
import type { TrainRequest } from '../resolve-run.ts';
import { openShardSource, type SampleSource } from '../sample-source.ts';
import { createOptimizer } from '../optimizer-schema.ts';
import { parseSteps, recordSkippedSteps } from '../skipped-steps.ts';
import { train } from '../train.ts';
import { planTraining } from '../training-plan.ts';
import { compileTrainingStep, type CompiledStep } from '../compiled-step.ts';

interface Flags extends TrainRequest {
  readonly executor: string;
  readonly threads?: string;
  readonly devices: string;
  readonly dryRun?: boolean;
  readonly waitForShards?: string;
  readonly skipSteps?: string;
  readonly watch?: string | true;
  readonly tensorboard: boolean;
}

export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('Trains a model on shards; a run that was stopped goes on by itself')
    .option('--shards <dir>', 'a corpus or its tokens/<key>: a folder or s3://bucket/prefix')
    .option('--model <name|file>', 'a preset or a config.json')
    .option('--init-from <dir>', 'begin with the weights of a model directory')
    .requiredOption('--run <dir>', 'the run: settings, losses, checkpoints, the model')
    .option('--config <file>', 'settings as JSON, or a training recipe (pipelines/train-*.ts)')
    .option('--set <name=value...>', 'settings, one by one', [])
    .option('--executor <name>', 'auto, cpu, xla, tfjs or tfjs:BACKEND (see engines)', 'auto')
    .option('--threads <n>', 'threads of the cpu executor; the result does not depend on it')
    .option('--devices <n>', 'devices of the xla executor, each with a part of every micro-batch', '1')
    .option('--dry-run', 'print sizes, memory and the time it would take here, and stop')
    .option('--wait-for-shards <seconds>', 'wait so long for a shard that is still being copied here')
    .option('--skip-steps <a-b>', 'pass these steps by: their samples are not trained on')
    .option('--watch [port]', 'a page on this machine that shows the run while it trains')
    .option('--no-tensorboard', 'write no event files into the run')
    .option('--repin', 'go on although the shards were written anew', false)
    .addHelpText('after', describeSettings)
    .addHelpText('after', '\nExample:\n  gristmill-trainer train --shards corpus --model demo --run run')
    .action(async (flags: Flags) => {
      const onChoice = (why: string) => process.stderr.write(`runs on ${why}\n`);
      const threads = readThreads(flags.threads);
      const devices = readNumber('--devices', flags.devices, { least: 1, most: 64, whole: true });
      const executor = await openExecutor({ name: flags.executor, threads, devices, onChoice });
      try {
        const prepared = await prepareRun(flags);
        if (flags.dryRun) await printPlan(prepared, executor);
        else await trainUnderLease(flags, prepared, executor);
      } finally {
        await executor.close();
      }
    });
}

async function printPlan(prepared: PreparedRun, executor: Executor): Promise<void> {
  const source = await openSource(prepared.shards, prepared);
  const plan = await planTraining(prepared, source, executor);
  process.stdout.write(`${JSON.stringify(plan, undefined, 2)}\n`);
  await source.close();
}

async function openSource(shards: string | TokenStore, prepared: PreparedRun): Promise<SampleSource> {
  const { store, index, settings, data, objective, description } = prepared;
  const sampleCounts = await readSampleCounts(store, description.index);
  return openShardSource({ shards, index, settings, objective, sampleCounts, ...data });
}

/** One process trains in a folder. @throws DataError `run-busy`, `lease-lost` */
async function trainUnderLease(flags: Flags, prepared: PreparedRun, executor: Executor): Promise<void> {
  const { settings, model, objective, store } = prepared;
  const optimizer = createOptimizer(settings);
  // A model that is too large is refused here, before anything is written.
  const compiled = await compileTrainingStep({ executor, model, objective, shape: settings, optimizer });
  const stop = new AbortController();
  const onLost = () => stop.abort(leaseLost(store));
  const lease = await takeFolderLease(store.location, { work: 'being trained in', busy, onLost });
  let finished: boolean;
  try {
    finished = await runTraining(flags, prepared, { executor, compiled, stop });
  } finally {
    await lease.release();
  }
  if (stop.signal.reason instanceof DataError) throw stop.signal.reason;
  // A micro-batch that was begun may go on for minutes: nobody waits for it.
  if (!finished) process.exit(exitCode.stopped);
}

const busy = ({ place, work, pid, host }: LeaseHolder) =>
  new DataError(
    'run-busy',
    `${place} is ${work} by process ${pid} on ${host}`,
    'wait for it to end, or stop it: the same command goes on from there',
  );

interface Started {
  readonly executor: Executor;
  readonly compiled: CompiledStep;
  readonly stop: AbortController;
}

/** @returns whether the run has taken all its steps */
async function runTraining(
  flags: Flags,
  prepared: PreparedRun,
  { executor, compiled, stop }: Started,
): Promise<boolean> {
  const { settings, model, objective, store, index, done, description, initial } = prepared;
  const { signal } = stop;
  const shards = placeOfShards(flags, prepared, signal);
  const source = await openSource(shards, prepared);
  await writeRunDescription(prepared);
  if (flags.skipSteps !== undefined)
    await recordSkippedSteps(store, { ...parseSteps(flags.skipSteps, done, settings.steps), why: 'asked' });
  await keepSampleCounts(store, description.index, source.sampleCounts);
  onStopSignal(() => stop.abort());
  const endReading = await announceReading(flags.shards, description.index);
  const heads = keepHeads(store, shards, index, () => signal.aborted);
  heads.catch(() => {}); // awaited below; a damaged shard must not end the process before that
  printForecast(prepared, source);
  const watchers = await openWatchers(flags, prepared, source, executor);
  try {
    const onDamaged = (error: DataError) => process.stderr.write(`${error.message}\n  hint: ${error.hint}\n`);
    const onTrouble = (message: string) => process.stderr.write(`${message}\n`);
    const report = await train({
      compiled,
      initial,
      onTrouble,
      executor,
      model,
      objective,
      settings,
      source,
      run: store,
      signal,
      onDamaged,
      ...watchers,
      leastStepSeconds: await findLeastStepSeconds(prepared, executor),
    });
    watchers.close();
    reportDamage(source);
    if (!report.finished) {
      process.stderr.write(`stopped after step ${report.step}; run the same command again to go on\n`);
      return false;
    }
    tellOutcome(report, prepared);
  } finally {
    watchers.close();
    await endReading();
    await source.close();
  }
  await settleHeads(heads, prepared);
  return true;
}

function placeOfShards(
  flags: Flags,
  { index, shards }: PreparedRun,
  signal: AbortSignal,
): string | TokenStore {
  if (flags.waitForShards === undefined) return shards;
  const seconds = readNumber('--wait-for-shards', flags.waitForShards, { least: 0 });
  return awaitShards(shards, index.shards, {
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
