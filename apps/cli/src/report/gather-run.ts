// What a report shows of a training run: its losses, what it is, how well it predicts, and what it writes. Reads the run's
// folder and never writes it.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DataError } from '@gristmill/core';
import type { ReportText } from '@gristmill/corpus';
import { prepareText } from '@gristmill/pack';
import { readJson, type Store } from '@gristmill/storage';

export type LossPoint = readonly [step: number, loss: number];

export interface RunSample {
  readonly prompt: string;
  readonly text: string;
  /** How the held-out document goes on from the prompt. */
  readonly truth?: string;
}

/** `report.json` in a run's folder: what somebody measured of it, for its report. */
export interface RunEvaluation {
  /** Of held-out text. */
  readonly bitsPerByte?: number;
  /** Others on the same text. */
  readonly compressors?: readonly { readonly name: string; readonly bitsPerByte: number }[];
  readonly samples?: readonly RunSample[];
}

export interface RunReport {
  readonly location: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The model's config.json. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: readonly LossPoint[];
  readonly validation: readonly LossPoint[];
  readonly tokens?: number;
  /** Sentences about over- and underfitting, as the run's latest evaluation shows them. */
  readonly findings: readonly string[];
  readonly evaluation: RunEvaluation;
  readonly samples: readonly RunSample[];
}

export interface RunReportOptions {
  /** Documents whose beginnings are continued where the run's folder has no samples. */
  readonly heldOut: readonly ReportText[];
  /** False: nothing is generated. */
  readonly generate: boolean;
  readonly say: (line: string) => void;
}

/** @throws DataError `no-such-run` */
export async function gatherRun(
  run: Store,
  { heldOut, generate, say }: RunReportOptions,
): Promise<RunReport> {
  const description = await readJson<{ settings: RunReport['settings']; model: RunReport['model'] }>(
    run,
    'run.json',
  );
  if (!description)
    throw new DataError(
      'no-such-run',
      `${run.location} holds no training run`,
      'give the folder of `gristmill-trainer train --run`',
    );
  const lines = await readLines(run, 'loss.jsonl');
  const evaluation = (await readJson<RunEvaluation>(run, 'report.json')) ?? {};
  const isFinished = (await run.stat('model/config.json')) !== undefined;
  const wanted = evaluation.samples === undefined && generate && isFinished && run.folder !== undefined;
  const samples = wanted
    ? await writeSamples(`${run.folder}/model`, heldOut, say)
    : (evaluation.samples ?? []);
  return {
    location: run.location,
    settings: description.settings,
    model: description.model,
    training: thin(pointsOf(lines)),
    validation: pointsOf(await readLines(run, 'validation.jsonl')),
    tokens: lines.at(-1)?.tokens,
    findings: await readFindings(run),
    evaluation,
    samples,
  };
}

/** `findings.json`, which the trainer writes. */
async function readFindings(run: Store): Promise<string[]> {
  const { findings = [] } =
    (await readJson<{ findings?: readonly { message?: unknown }[] }>(run, 'findings.json')) ?? {};
  return findings.map(({ message }) => message).filter((message) => typeof message === 'string');
}

interface LossLine {
  readonly step: number;
  readonly loss: number;
  readonly tokens?: number;
}

async function readLines(run: Store, path: string): Promise<LossLine[]> {
  if (!(await run.stat(path))) return [];
  const text = new TextDecoder().decode(await run.read(path));
  // A line without its end is being written.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LossLine);
}

/** Of a step that was done twice the last counts. */
function pointsOf(lines: readonly LossLine[]): LossPoint[] {
  return [...new Map(lines.map(({ step, loss }) => [step, loss]))].sort(([a], [b]) => a - b);
}

const mostPoints = 1500;

/** The mean of each stretch of steps, where there are more than a chart can show. */
function thin(points: readonly LossPoint[]): readonly LossPoint[] {
  if (points.length <= mostPoints) return points;
  const size = Math.ceil(points.length / mostPoints);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i): LossPoint => {
    const stretch = points.slice(i * size, (i + 1) * size);
    return [stretch.at(-1)![0], stretch.reduce((sum, [, loss]) => sum + loss, 0) / stretch.length];
  });
}

const [promptWords, sampleTokens, wantedSamples] = [10, 60, 3];

async function writeSamples(
  model: string,
  heldOut: readonly ReportText[],
  say: RunReportOptions['say'],
): Promise<RunSample[]> {
  const samples: RunSample[] = [];
  const long = heldOut.filter(({ text }) => text.split(/\s+/).length > 3 * promptWords);
  for (const [seed, { id, removals, text }] of long.slice(0, wantedSamples).entries()) {
    say(
      `letting the model continue held-out document ${seed + 1} of ${Math.min(long.length, wantedSamples)}`,
    );
    const clean = prepareText(text, removals, undefined, id).text;
    const [prompt] = new RegExp(`^\\s*(?:\\S+\\s+){${promptWords - 1}}\\S+`).exec(clean) ?? [''];
    const written = await generateText(model, prompt, seed);
    if (written === undefined) return samples;
    const truth = clean.slice(prompt.length, prompt.length + 300);
    samples.push({
      prompt,
      text: written.startsWith(prompt) ? written.slice(prompt.length) : written,
      truth,
    });
  }
  return samples;
}

/** By the trainer's own program, which has the model's code; undefined where it cannot. */
async function generateText(model: string, prompt: string, seed: number): Promise<string | undefined> {
  const manifest = import.meta.resolve('@gristmill/trainer/package.json');
  const program = fileURLToPath(new URL('bin/gristmill-trainer.mjs', manifest));
  const options = ['--temperature', '0.8', '--top-k', '50', '--max-tokens', String(sampleTokens)];
  const args = [
    program,
    'generate',
    '--model',
    model,
    '--prompt',
    prompt,
    '--seed',
    String(seed),
    ...options,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const code = await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  return code === 0 ? output.trimEnd() : undefined;
}
