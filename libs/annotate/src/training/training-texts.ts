// Texts that something is learned from: files beside the recipe, or documents of the corpus by source or kind. Of too many
// documents those with the least ids are taken, which are a fair sample, since ids are hashes; the order is that of
// files, then ids, so that the same data give the same model.

import { DataError, type Json, type JsonObject, type OptionSchema } from '@gristmill/core';
import type { PhaseInput, TrainingFile, TrainingTask } from '@gristmill/corpus';

export interface TextChoice {
  /** Files of JSON lines {text} or of text with blank lines between, relative to the recipe. */
  readonly files: readonly string[];
  /** Names or kinds of sources of this recipe; `*` = all. */
  readonly sources: readonly string[];
}

export const textChoiceOptions = {
  files: {
    type: 'list',
    default: [],
    description: 'Files of JSON lines {text}, or of text with blank lines between, relative to the recipe.',
  },
  sources: {
    type: 'list',
    default: [],
    description: 'Names or kinds of sources of this recipe; `*` = all.',
  },
} as const satisfies OptionSchema;

/** @throws DataError unless it is `{files?: [...], sources?: [...]}` with at least one entry */
export function parseTextChoice(value: Json | undefined, name: string): TextChoice {
  const { files = [], sources = [], ...rest } = (value ?? {}) as JsonObject;
  const isNames = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((item) => typeof item === 'string');
  if (
    !isNames(files) ||
    !isNames(sources) ||
    Object.keys(rest).length > 0 ||
    files.length + sources.length === 0
  ) {
    throw new DataError(
      'training-texts',
      `${name} names no texts to learn from`,
      `give ${name}: {files: ["texts.jsonl"]} or {sources: ["books"]}`,
    );
  }
  return { files, sources };
}

export function textInputsOf(choices: readonly TextChoice[]): PhaseInput[] {
  if (choices.every(({ sources }) => sources.length === 0)) return [];
  return [{ name: 'documents', columns: ['text', 'sourceName', 'sourceKind', 'verdict'], parts: 'all' }];
}

/** @param most documents of the corpus at most; files are read whole */
export async function readTrainingTexts(
  task: Pick<TrainingTask, 'files' | 'input' | 'progress'>,
  choice: TextChoice,
  most: number,
): Promise<string[]> {
  const texts: string[] = [];
  for (const file of task.files) if (isChosen(file, choice.files)) texts.push(...(await textsOf(file)));
  if (choice.sources.length > 0) texts.push(...(await sampleDocuments(task, choice.sources, most)));
  return texts;
}

function isChosen({ path }: TrainingFile, files: readonly string[]): boolean {
  return files.some((name) => path === name || path.startsWith(name.endsWith('/') ? name : `${name}/`));
}

async function textsOf(file: TrainingFile): Promise<string[]> {
  const content = Buffer.from(await file.read()).toString('utf8');
  if (!content.trimStart().startsWith('{'))
    return content.split(/\n(?:[ \t\r]*\n)+/).filter((text) => text.trim() !== '');
  return content.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      const { text } = JSON.parse(line) as { text?: unknown };
      if (typeof text === 'string') return [text];
    } catch {
      // the same error as for a line without text
    }
    throw new DataError(
      'training-texts',
      `${file.path}:${i + 1} has no text`,
      'lines are JSON objects {"text": "…"}',
    );
  });
}

async function sampleDocuments(
  task: Pick<TrainingTask, 'input' | 'progress'>,
  sources: readonly string[],
  most: number,
): Promise<string[]> {
  const { parts } = task.input('documents');
  let held: { id: string; text: string }[] = [];
  const cut = () => {
    held.sort((a, b) => (sampleKey(a.id) < sampleKey(b.id) ? -1 : 1));
    held = held.slice(0, most);
  };
  for (const part of parts) {
    for await (const row of part.readRows(['text', 'sourceName', 'sourceKind', 'verdict'])) {
      const isWanted = sources.some(
        (name) => name === '*' || name === row.sourceName || name === row.sourceKind,
      );
      if (!isWanted || row.verdict !== undefined || typeof row.text !== 'string') continue;
      held.push({ id: row.id, text: row.text });
      if (held.length >= 2 * most) cut();
    }
    await task.progress(part.rows);
  }
  cut();
  return held.map(({ text }) => text);
}

/** The end of an id: partitions share their beginning. */
function sampleKey(id: string): string {
  return id.slice(16) + id.slice(0, 16);
}
