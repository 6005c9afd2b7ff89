// The tasks that are answered by likelihood: each item has candidates that may follow a prompt, and one of them is right.

import { DataError } from '@gristmill/core';
import type { JsonObject } from '../json-objects.ts';
import { fillTemplate, readText } from './template.ts';

export const likelihoodTasks = ['choice', 'lambada', 'blimp', 'classify'] as const;
export type LikelihoodTask = (typeof likelihoodTasks)[number];

export interface TaskItem {
  readonly id: string;
  /** Texts by which it is looked for in what a run was trained on. */
  readonly texts: readonly string[];
  readonly prompt: string;
  /** What may follow the prompt, without what stands between. */
  readonly candidates: readonly string[];
  /** Index of the right one. */
  readonly gold: number;
}

/** How items of a file become prompts. */
export interface TaskForm {
  readonly type: LikelihoodTask;
  /** With fields of the item in braces. */
  readonly prompt?: string;
  /** Between the prompt and what follows it. */
  readonly delimiter?: string;
  /** Fields by our names, where the file calls them otherwise. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What a label is called in the text; default: the labels of the file themselves, in alphabetical order. */
  readonly labels?: Readonly<Record<string, string>>;
}

export const delimiterOf = ({ type, delimiter }: TaskForm): string =>
  delimiter ?? (type === 'blimp' ? '' : ' ');

/** @throws DataError `not-json-lines` */
export function readTaskItem(form: TaskForm, line: JsonObject): TaskItem {
  const { object, number } = line;
  const rest = { id: String(object.id ?? number), texts: textsOf(object) };
  return { ...rest, ...readers[form.type](form, line) };
}

type Asked = Pick<TaskItem, 'prompt' | 'candidates' | 'gold'>;

const readers: Readonly<Record<LikelihoodTask, (form: TaskForm, line: JsonObject) => Asked>> = {
  choice(form, line) {
    const choices = fieldOf(form, line, 'choices');
    if (!isTexts(choices)) throw line.refuse('a list of at least two choices');
    const gold = findAnswer(fieldOf(form, line, 'answer'), choices);
    if (gold === undefined) throw line.refuse('an answer that is one of its choices, or its number from 0');
    return { prompt: promptOf(form, line, ['context', 'question', 'query']), candidates: choices, gold };
  },
  lambada(form, line) {
    const target = fieldOf(form, line, 'target');
    if (typeof target === 'string')
      return { prompt: promptOf(form, line, ['context']), candidates: [target], gold: 0 };
    const text = readText(line, nameOf(form, 'text')).trimEnd();
    const last = text.lastIndexOf(' ');
    if (last < 0) throw line.refuse('a text of at least two words');
    return { prompt: text.slice(0, last), candidates: [text.slice(last + 1)], gold: 0 };
  },
  blimp(form, line) {
    const [good, bad] = ['sentence_good', 'sentence_bad'].map((name) => readText(line, nameOf(form, name)));
    const prompt = form.prompt === undefined ? '' : fillTemplate(form.prompt, line);
    return { prompt, candidates: [good, bad], gold: 0 };
  },
  classify(form, line) {
    const label = String(fieldOf(form, line, 'label') ?? '');
    const { labels = {} } = form;
    const gold = Object.keys(labels).indexOf(label);
    if (gold < 0) throw line.refuse(`a label that is one of ${Object.keys(labels).join(', ')}`);
    return { prompt: promptOf(form, line, ['text']), candidates: Object.values(labels), gold };
  },
};

const nameOf = ({ fields }: TaskForm, name: string) => fields?.[name] ?? name;
const fieldOf = (form: TaskForm, { object }: JsonObject, name: string): unknown => object[nameOf(form, name)];

/** The form's prompt, or the first of these fields that the item has; nothing where it has none. */
function promptOf(form: TaskForm, line: JsonObject, names: readonly string[]): string {
  if (form.prompt !== undefined) return fillTemplate(form.prompt, line);
  const found = names.map((name) => fieldOf(form, line, name)).find((value) => typeof value === 'string');
  if (found !== undefined) return found as string;
  if (names.length > 1) return '';
  throw line.refuse(`a text ${nameOf(form, names[0])}`);
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 1 && value.every((text) => typeof text === 'string');

function findAnswer(answer: unknown, choices: readonly string[]): number | undefined {
  const index = typeof answer === 'string' ? choices.indexOf(answer) : -1;
  if (index >= 0) return index;
  const number = typeof answer === 'number' || /^\d+$/.test(String(answer)) ? Number(answer) : -1;
  return Number.isInteger(number) && number >= 0 && number < choices.length ? number : undefined;
}

/** Each text of an item, and all of them as a corpus' search for evaluation items joins them. */
function textsOf(object: Readonly<Record<string, unknown>>): string[] {
  const strings = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Array.isArray(value) ? value.flatMap(strings) : [];
  const named = Object.entries(object).filter(([name]) => name !== 'id');
  const all = named.flatMap(([, value]) => strings(value));
  return [...new Set([...all, all.join('\n')])];
}

/** Labels of the items of a file, each called as it is. @throws DataError `not-json-lines`, `one-label` */
export async function collectLabels(
  form: TaskForm,
  lines: AsyncIterable<JsonObject>,
): Promise<Readonly<Record<string, string>>> {
  const labels = new Set<string>();
  for await (const line of lines) {
    const label = fieldOf(form, line, 'label');
    if (typeof label !== 'string' && typeof label !== 'number') throw line.refuse('a label');
    labels.add(String(label));
  }
  if (labels.size < 2)
    throw new DataError('one-label', 'all items have the same label', 'give items of at least two classes');
  // A key that looks like a number would come first: V8 orders those.
  return Object.fromEntries([...labels].sort().map((label) => [label, label]));
}
