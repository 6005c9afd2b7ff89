// Pins evaluation sets, so that contamination can be looked for. Adding a set changes the pin, and with it the
// contamination columns and nothing else.

import { checkOptions, DataError, type JsonObject, type OptionSchema, type OptionsOf } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeEvaluationSets, evaluationDefaults, readEvaluationFile } from '@gristmill/detect';

const evaluationOptions = {
  name: { type: 'string', default: 'evaluation', description: 'Of the pin.' },
  sets: {
    type: 'object',
    required: true,
    description: 'Set → {files, fields?}: JSON lines, or text with blank lines between items.',
  },
  ngram: { type: 'integer', default: evaluationDefaults.ngram, least: 1, description: 'Words of an n-gram.' },
  leastWords: {
    type: 'integer',
    default: evaluationDefaults.leastWords,
    least: 1,
    description: 'Shorter items count when they are found whole and have so many words.',
  },
} as const satisfies OptionSchema;

/** @example { sets: { lambada: { files: ['eval/lambada.jsonl'], fields: ['text'] } } } */
export type EvaluationTrainingOptions = OptionsOf<typeof evaluationOptions>;

export const evaluationTraining: TrainingStage<EvaluationTrainingOptions> = {
  name: 'pin-evaluation',
  version: 1,
  description: 'Pins evaluation sets, so that `contaminationStage` can look for them.',
  options: evaluationOptions,
  artefact: ({ name = 'evaluation' }) => name,
  check(options) {
    checkOptions(evaluationOptions, options, { name: 'pin-evaluation' });
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
