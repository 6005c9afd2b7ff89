// What a training run is given, what it logs, and its state between steps.

import type { DataError } from '@gristmill/core';
import type { LanguageModel, NamedTensor, Objective } from '@gristmill/models';
import type { Store } from '@gristmill/storage';
import type { Executor } from '@gristmill/tensor';
import type { SampleSource } from './sample-source.ts';
import type { BatchScorer } from './batch-scorer.ts';
import type { RunSettings } from './setting-schema.ts';
import type { SkippedSteps } from './skipped-steps.ts';
import type { Observed } from './watch/observe.ts';
import type { RunWatcher } from './watch/run-watcher.ts';
import type { CompiledStep } from './compiled-step.ts';
import type { TrainingStep } from './training-step.ts';

/** A line of loss.jsonl. */
export interface LossLine {
  readonly step: number;
  /** Nats a target; null in the file where it is not finite or was not computed. */
  readonly loss: number;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradNorm: number;
  /** Trained on so far. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  /** Model FLOPs utilization, where the machine's peak is known. */
  readonly mfu?: number;
  readonly inputWaitMs: number;
  /** How long the step stood still until the checkpoint beside it was written; absent where there was none. */
  readonly saveWaitMs?: number;
  /** Why the parameters were left as they are. */
  readonly skipped?: string;
}

export interface TrainOptions extends Omit<RunWatcher, 'close'> {
  readonly executor: Executor;
  readonly model: LanguageModel;
  readonly settings: RunSettings;
  readonly source: SampleSource;
  /** That of the source. Default: the next token. */
  readonly objective?: Pick<Objective, 'name' | 'shape'>;
  readonly run: Store;
  /** Default: compiled anew. */
  readonly compiled?: CompiledStep;
  /** Seconds that a step would take at the machine's peak; without, no MFU is told. */
  readonly leastStepSeconds?: number;
  /** What it begins with where there is no checkpoint. Default: the initial weights of the seed. */
  readonly initial?: { values(): AsyncIterable<NamedTensor> };
  /** Ends the run within a micro-batch; a checkpoint of the last whole step is written. */
  readonly signal?: AbortSignal;
  /** Called for a checkpoint that cannot be used; the one before is taken. */
  readonly onDamaged?: (error: DataError) => void;
  /** Called for a step that is not sound, with what is done about it. */
  readonly onTrouble?: (message: string) => void;
}

export interface TrainReport {
  readonly step: number;
  readonly finished: boolean;
  readonly validationLoss?: number;
  /** Of a run that ended early: the step with the lowest validation loss, whose model is the run's. */
  readonly bestStep?: number;
}

/** State of a run between steps. */
export interface Loop {
  readonly step: TrainingStep;
  readonly scorer: BatchScorer;
  /** Steps done. */
  at: number;
  /** Updates done. */
  updates: number;
  validationLoss?: number;
  /** A checkpoint that is being written beside the next step. */
  saving?: Promise<void>;
  /** Bytes of checkpoints that were taken away, being removed. */
  removing?: Promise<void>;
  /** Losses of the last steps, oldest first. */
  losses: number[];
  skips: readonly SkippedSteps[];
  rewinds: number;
  readonly observed: Observed;
}
