// A task as a file: {name?, type, data, sha256?, prompt?, delimiter?, separator?, fields?, labels?, shots?, examples?,
// examplesSha256?}. Paths count from the file's folder; where a digest is given, other data is refused.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DataError, suggestName } from '@gristmill/core';
import { likelihoodTasks, type LikelihoodTask, type TaskForm } from './task.ts';

export interface Task extends TaskForm {
  readonly name: string;
  readonly data: string;
  /** Of the file of items. */
  readonly sha256: string;
  /** How many examples stand before each prompt. Default 0. */
  readonly shots: number;
  /** Where examples come from, the first ones; default: the items, without the one that is asked. */
  readonly examples?: string;
  readonly examplesSha256?: string;
  /** Between examples. */
  readonly separator: string;
}

const kinds: Readonly<Record<string, 'text' | 'texts' | 'number'>> = {
  ...{ name: 'text', type: 'text', data: 'text', sha256: 'text', prompt: 'text', delimiter: 'text' },
  ...{ separator: 'text', fields: 'texts', labels: 'texts', shots: 'number', examples: 'text' },
  examplesSha256: 'text',
};

export interface TaskRequest {
  /** A task's name, or a file. */
  readonly task: string;
  readonly data?: string;
  readonly shots?: number;
  readonly examples?: string;
}

export const isTaskFile = (task: string): boolean => /\.json$/i.test(task) || /[\\/]/.test(task);

/** @throws DataError `unknown-task`, `wrong-task-file`, `no-data`, `data-changed`, `input-unreadable` */
export async function openTask(request: TaskRequest): Promise<Task> {
  const { task } = request;
  const file = isTaskFile(task) ? readTaskFile(task) : { type: task };
  const type = readType(file.type, task);
  const data = request.data ?? file.data;
  if (data === undefined) throw new DataError('no-data', 'nothing to evaluate on', 'give --data FILE');
  const examples = request.examples ?? file.examples;
  const { examplesSha256 } = file;
  return {
    ...file,
    ...{ type, data, examples, name: file.name ?? type },
    sha256: await checkDigest(data, request.data === undefined ? file.sha256 : undefined),
    ...(examples === undefined
      ? {}
      : { examplesSha256: await checkDigest(examples, request.examples ? undefined : examplesSha256) }),
    shots: request.shots ?? file.shots ?? 0,
    separator: file.separator ?? '\n\n',
  };
}

type TaskFile = Partial<Omit<Task, 'type'>> & { readonly type?: string };

function readTaskFile(path: string): TaskFile {
  const wrong = (what: string, cause?: unknown) =>
    new DataError(
      'wrong-task-file',
      `${path} ${what}`,
      'write {"type": "choice", "data": "items.jsonl", "shots": 5, "prompt": "Question: {question}\\nAnswer:"}',
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw wrong(cause instanceof SyntaxError ? 'is no JSON' : 'cannot be read', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('is no JSON object');
  for (const [name, given] of Object.entries(value)) {
    if (!Object.hasOwn(kinds, name)) throw wrong(`has a field ${name}, which no task has${guess(name)}`);
    if (!isOfKind(given, kinds[name])) throw wrong(`has a field ${name} that is ${kindWords[kinds[name]]}`);
  }
  const file = value as TaskFile;
  const near = (name: string | undefined) => (name === undefined ? {} : resolve(dirname(path), name));
  return {
    ...file,
    ...(file.data === undefined ? {} : { data: near(file.data) as string }),
    ...(file.examples === undefined ? {} : { examples: near(file.examples) as string }),
  };
}

const guess = (name: string) => {
  const hint = suggestName(name, Object.keys(kinds), '');
  return hint === '' ? '' : `; ${hint.trim()}`;
};

const kindWords = {
  text: 'no text',
  texts: 'no object of texts',
  number: 'no integer of at least 0',
} as const;

function isOfKind(value: unknown, kind: (typeof kinds)[string]): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'number') return Number.isSafeInteger(value) && (value as number) >= 0;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every((one) => typeof one === 'string');
}

function readType(type: string | undefined, task: string): LikelihoodTask {
  const found = likelihoodTasks.find((name) => name === type);
  if (found) return found;
  throw new DataError(
    'unknown-task',
    `there is no task ${type ?? task}`,
    suggestName(type ?? task, likelihoodTasks, `tasks: ${likelihoodTasks.join(', ')}`),
  );
}

/** @returns SHA-256 of the file in hex */
async function checkDigest(path: string, expected: string | undefined): Promise<string> {
  if (!existsSync(path)) throw new DataError('input-unreadable', `${path} cannot be read`, 'check the path');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  const found = hash.digest('hex');
  if (expected === undefined || expected === found) return found;
  throw new DataError(
    'data-changed',
    `${path} has the SHA-256 ${found}, and the task names ${expected}`,
    'take the file that the task was made for, or correct its digest',
  );
}
