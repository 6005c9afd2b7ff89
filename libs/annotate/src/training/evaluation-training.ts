// Pins evaluation sets, so that contamination can be looked for. Adding a set changes the pin, and with it the
// contamination columns and nothing else.

import { DataError, type Json, type JsonObject } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeEvaluationSets, evaluationDefaults, readEvaluationFile } from '@gristmill/detect';
import { checkNames } from '../stage-options.ts';

/** @example { sets: { lambada: { files: ['eval/lambada.jsonl'], fields: ['text'] } } } */
export interface EvaluationTrainingOptions extends JsonObject {
  /** Of the pin. Default `evaluation`. */
  readonly name?: string;
  /** Set → {files, fields?}: JSON lines, or text with blank lines between items. */
  readonly sets: Json;
  /** Words of an n-gram. Default 13. */
  readonly ngram?: number;
  /** Shorter items count when they are found whole and have so many words. Default 8. */
  readonly leastWords?: number;
}

export const evaluationTraining: TrainingStage<EvaluationTrainingOptions> = {
  name: 'pin-evaluation',
  version: 1,
  artefact: ({ name = 'evaluation' }) => name,
  check(options) {
    checkNames(options, 'pin-evaluation', ['name', 'sets', 'ngram', 'leastWords']);
    setsOf(options);
  },
  inputs: () => [],
  files: (options) => setsOf(options).flatMap(({ files }) => files),
  async train({ options, files }) {
    const items: ReturnType<typeof readEvaluationFile> = [];
    for (const { set, files: own, fields } of setsOf(options)) {
      for (const file of files.filter(({ path }) => own.includes(path))) {
        const content = Buffer.from(await file.read()).toString('utf8');
        for (const item of readEvaluationFile(content, { set, file: file.path, fields })) items.push(item);
      }
    }
    const { ngram, leastWords } = { ...evaluationDefaults, ...withoutUndefined(options) };
    return encodeEvaluationSets({ ngram, leastWords, items });
  },
};

function withoutUndefined({ ngram, leastWords }: EvaluationTrainingOptions) {
  return { ...(ngram === undefined ? {} : { ngram }), ...(leastWords === undefined ? {} : { leastWords }) };
}

function setsOf({ sets }: EvaluationTrainingOptions) {
  const isNames = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((item) => typeof item === 'string');
  const entries = Object.entries((sets ?? {}) as JsonObject);
  if (entries.length === 0) throw wrongSets('it names no set');
  return entries.map(([set, value]) => {
    const { files, fields } = (value ?? {}) as JsonObject;
    if (!isNames(files) || files.length === 0) throw wrongSets(`${set} has no files`);
    if (fields !== undefined && !isNames(fields)) throw wrongSets(`the fields of ${set} are no list`);
    return { set, files, fields };
  });
}

function wrongSets(what: string): DataError {
  return new DataError(
    'bad-option',
    `the evaluation sets are wrong: ${what}`,
    'give sets: {name: {files: ["set.jsonl"]}}',
  );
}
