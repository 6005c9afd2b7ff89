// A task from its file to what is printed: items are read, those that a run was trained on are told, examples are set before
// the prompts, candidates are scored, and what was measured over the items comes with its interval.

import type { LoadedModel } from '../loaded-model.ts';
import { readObjects } from '../json-objects.ts';
import type { TextTokenizer } from '../text-tokenizer.ts';
import type { LengthCheck } from '../too-long.ts';
import { DataError } from '@gristmill/core';
import { findInterval, type BootstrapOptions } from './bootstrap.ts';
import { judgeItem, measuresOf, type JudgedItem } from './measures.ts';
import { scoreRequests, type ScoredRequest } from './request.ts';
import { collectLabels, delimiterOf, readTaskItem, type LikelihoodTask, type TaskItem } from './task.ts';
import type { Task } from './task-file.ts';

/** The steps of a run that trained on an item with one of these texts; empty where none did, undefined where nobody knows. */
export type FindSteps = (texts: readonly string[]) => readonly number[] | undefined;

export interface TaskOptions extends BootstrapOptions {
  /** Says what becomes of prompts that are longer than the model reads. */
  readonly length: LengthCheck;
  readonly findSteps?: FindSteps;
  /** Items that a run was trained on are measured, and told apart, instead of left out. */
  readonly keepSeen?: boolean;
}

export interface TaskResult {
  readonly task: string;
  readonly type: LikelihoodTask;
  readonly data: { readonly file: string; readonly sha256: string };
  readonly shots: number;
  readonly items: number;
  /** Of the right candidates: tokens, bytes, nats a token, its exponential, bits a byte. */
  readonly tokens: number;
  readonly bytes: number;
  readonly loss: number;
  readonly perplexity: number;
  readonly bitsPerByte: number;
  readonly accuracy: number;
  /** The middle 95 of 100 resamples, by measure. */
  readonly intervals: Readonly<Record<string, readonly [number, number] | undefined>>;
  /** Items that were left out since a run was trained on them. */
  readonly excluded: number;
  /** Prompts that the model's positions did not suffice for. */
  readonly tooLong: number;
  /** Where items that a run was trained on are measured too: how many they are, and both accuracies. */
  readonly contaminated?: {
    readonly items: number;
    readonly accuracy?: number;
    readonly cleanAccuracy?: number;
  };
  readonly [measure: string]: unknown;
}

const itemsAtOnce = 64;

/** @throws DataError `not-json-lines`, `nothing-to-evaluate`, `too-few-examples`, `text-too-long` */
export async function evaluateTask(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  task: Task,
  options: TaskOptions,
): Promise<{ readonly result: TaskResult; readonly judged: readonly JudgedItem[] }> {
  const form = await completeForm(task);
  const examples = await readExamples(form);
  const judged: JudgedItem[] = [];
  let excluded = 0;
  let held: TaskItem[] = [];
  const steps = new Map<string, readonly number[]>();
  const judgeHeld = async () => {
    judged.push(...(await judgeAll(model, tokenizer, { form, examples, items: held, ...options })));
    held = [];
  };
  for await (const line of readObjects(form.data, exampleOf[form.type])) {
    const item = readTaskItem(form, line);
    const seen = options.findSteps?.(item.texts);
    if (seen) steps.set(item.id, seen);
    if (seen && seen.length > 0 && !options.keepSeen) excluded++;
    else held.push(item);
    if (held.length >= itemsAtOnce) await judgeHeld();
  }
  await judgeHeld();
  const marked = judged.map((item) => ({ ...item, ...markSteps(steps.get(item.id)) }));
  return { result: summariseTask(form, marked, { ...options, excluded }), judged: marked };
}

const markSteps = (trainedSteps: readonly number[] | undefined) => (trainedSteps ? { trainedSteps } : {});

/** Lines as they should be. */
const exampleOf: Readonly<Record<LikelihoodTask, string>> = {
  choice: '{"id":"1","context":"…","choices":["…","…"],"answer":0}',
  lambada: '{"id":"1","text":"… the last word"}',
  blimp: '{"id":"1","sentence_good":"…","sentence_bad":"…"}',
  classify: '{"id":"1","text":"…","label":"…"}',
};

async function completeForm(task: Task): Promise<Task> {
  if (task.type !== 'classify' || task.labels) return task;
  return { ...task, labels: await collectLabels(task, readObjects(task.data, exampleOf.classify)) };
}

/** One more than is needed: the item that is asked is none of its own examples. */
async function readExamples(task: Task): Promise<TaskItem[]> {
  const { shots, examples = task.data } = task;
  const wanted = task.examples === undefined ? shots + 1 : shots;
  const found: TaskItem[] = [];
  if (shots === 0) return found;
  for await (const line of readObjects(examples, exampleOf[task.type])) {
    found.push(readTaskItem(task, line));
    if (found.length === wanted) return found;
  }
  throw new DataError(
    'too-few-examples',
    `${examples} has ${found.length} items, and ${shots} examples need ${wanted}`,
    'ask for fewer --shots, or give more --examples',
  );
}

interface Asked extends Pick<TaskOptions, 'length'> {
  readonly form: Task;
  readonly examples: readonly TaskItem[];
  readonly items: readonly TaskItem[];
}

async function judgeAll(model: LoadedModel, tokenizer: TextTokenizer, asked: Asked): Promise<JudgedItem[]> {
  const { form, examples, items, length } = asked;
  const delimiter = delimiterOf(form);
  const requests = items.flatMap((item) => {
    const prompt = writeShots(form, examples, item) + item.prompt;
    return item.candidates.map((text) => ({ id: item.id, prompt, continuation: delimiter + text }));
  });
  const scored = await scoreRequests(model, tokenizer, requests, length);
  let at = 0;
  return items.flatMap((item) => {
    const own = scored.slice(at, (at += item.candidates.length));
    return own.includes(undefined) ? [] : [judgeItem(item, own as ScoredRequest[])];
  });
}

/** The first examples that are not the item itself, each with its answer. */
function writeShots(form: Task, examples: readonly TaskItem[], { id }: TaskItem): string {
  return examples
    .filter((example) => form.examples !== undefined || example.id !== id)
    .slice(0, form.shots)
    .map((example) => example.prompt + delimiterOf(form) + example.candidates[example.gold] + form.separator)
    .join('');
}

function summariseTask(
  task: Task,
  judged: readonly JudgedItem[],
  options: TaskOptions & { readonly excluded: number },
): TaskResult {
  const { excluded, length, keepSeen } = options;
  if (judged.length === 0)
    throw new DataError(
      'nothing-to-evaluate',
      excluded > 0 ? 'the run was trained on every item' : `${task.data} has no item that can be evaluated`,
      'give a file of items that is not empty',
    );
  const measures = Object.entries(measuresOf[task.type]);
  const sum = (of: (item: JudgedItem) => number) => judged.reduce((total, item) => total + of(item), 0);
  const [tokens, bytes, nats] = [sum((i) => i.tokens), sum((i) => i.bytes), sum((i) => i.loss)];
  const values = measures.map(([name, measure]) => [name, measure(judged)] as const);
  return {
    task: task.name,
    type: task.type,
    data: { file: task.data, sha256: task.sha256 },
    shots: task.shots,
    items: judged.length,
    ...{ tokens, bytes, loss: nats / tokens, perplexity: Math.exp(nats / tokens) },
    bitsPerByte: nats / Math.LN2 / bytes,
    ...(Object.fromEntries(values) as { readonly accuracy: number }),
    intervals: Object.fromEntries(
      measures.map(([name, measure]) => [name, findInterval(judged, measure, options)]),
    ),
    excluded,
    tooLong: length.count,
    ...(keepSeen ? { contaminated: compareSeen(task.type, judged) } : {}),
  };
}

/** Accuracy of items that a run was trained on, and of the others. */
function compareSeen(type: LikelihoodTask, judged: readonly JudgedItem[]) {
  const isSeen = ({ trainedSteps = [] }: JudgedItem) => trainedSteps.length > 0;
  const measure = (items: readonly JudgedItem[]) =>
    items.length > 0 ? measuresOf[type].accuracy(items) : undefined;
  const seen = judged.filter(isSeen);
  const accuracies = {
    accuracy: measure(seen),
    cleanAccuracy: measure(judged.filter((item) => !isSeen(item))),
  };
  return { items: seen.length, ...accuracies };
}
