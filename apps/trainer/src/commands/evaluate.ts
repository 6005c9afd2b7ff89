import type { Command } from 'commander';
import { DataError, suggestName } from '@gristmill/core';
import { evaluateItems, evaluateShards, summarise, type ItemLoss } from '../evaluate.ts';
import { findInterval, type BootstrapOptions } from '../evaluation/bootstrap.ts';
import { measureBitsPerByte, tabulateSources } from '../evaluation/by-source.ts';
import { evaluateTask } from '../evaluation/evaluate-task.ts';
import { evaluateWriting, generationTasks } from '../evaluation/generation-task.ts';
import { isTaskFile, openTask } from '../evaluation/task-file.ts';
import { likelihoodTasks } from '../evaluation/task.ts';
import { writeItems } from '../evaluation/write-items.ts';
import { createItemTest, createStepFinder, findLeftOut, type LeftOut } from '../left-out.ts';
import { withModel, type LoadedModel } from '../loaded-model.ts';
import { chooseMetric } from '../metric/measure.ts';
import { readTexts } from '../read-texts.ts';
import { openTextTokenizer, type TextTokenizer } from '../text-tokenizer.ts';
import { createLengthCheck, readTooLong, tooLongPolicies } from '../too-long.ts';
import { readNumber } from './options.ts';

interface Flags {
  readonly model: string;
  readonly task: string;
  readonly data?: string;
  readonly shards?: string;
  readonly split: string;
  readonly perItem?: string;
  readonly run?: string;
  readonly keepSeen?: boolean;
  readonly shots?: string;
  readonly examples?: string;
  readonly tooLong: string;
  readonly resamples: string;
  readonly seed: string;
  readonly tokenize?: string;
  readonly maxTokens: string;
  readonly beams: string;
}

const textTasks = ['perplexity', 'bits-per-byte'];
const tasks = [...textTasks, ...likelihoodTasks, ...generationTasks];

export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description('Measures a model on texts, on a split of shards, or on the items of a task')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .requiredOption('--task <name>', `${tasks.join(', ')}, or a task's JSON file`)
    .option('--data <file>', 'JSON lines of items (docs/evaluation.md), of texts {id?, text}, or a text file')
    .option('--shards <dir>', 'a folder tokens/<key> of a corpus')
    .option('--split <name>', 'of the shards', 'validation')
    .option('--run <dir>', 'leaves out, and counts, what this training run was trained on')
    .option('--keep-seen', 'with --run: measures such items too, and tells them apart')
    .option('--per-item <file>', 'writes a line for each item')
    .option('--shots <k>', 'so many examples before each prompt; default 0, or what the task file says')
    .option('--examples <file>', 'where the examples come from; default: the other items')
    .option(
      '--too-long <policy>',
      `of prompts longer than the model reads: ${tooLongPolicies.join(', ')}`,
      'cut',
    )
    .option('--tokenize <name>', 'of bleu and rouge-l, as for metric')
    .option('--max-tokens <n>', 'of what is written for bleu, chrf, ter, rouge-l, exact-match', '128')
    .option('--beams <n>', 'of what is written', '1')
    .option('--resamples <n>', 'of the items, for intervals; 0: none', '1000')
    .option('--seed <n>', 'of the resamples', '1234')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill-trainer evaluate --model run/model --task bits-per-byte --shards corpus/tokens/ab12',
    )
    .action(async (flags: Flags) => {
      checkTask(flags.task);
      const bootstrap = {
        resamples: readNumber('--resamples', flags.resamples, { least: 0, most: 100_000, whole: true }),
        seed: readNumber('--seed', flags.seed, { least: 0, whole: true }),
      };
      const isText = textTasks.includes(flags.task);
      if (isText && (flags.data === undefined) === (flags.shards === undefined))
        throw new DataError('no-data', 'nothing to evaluate on', 'give either --data or --shards');
      const evaluate = isText ? evaluateTexts : await prepareTask(flags);
      await withModel(flags.model, async (model) => {
        const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
        const result = await evaluate(flags, bootstrap, model, tokenizer);
        process.stdout.write(`${JSON.stringify(result)}\n`);
      });
    });
}

function checkTask(task: string): void {
  if (tasks.includes(task) || isTaskFile(task)) return;
  throw new DataError(
    'unknown-task',
    `there is no task ${task}`,
    suggestName(task, tasks, `tasks: ${tasks.join(', ')}, or a JSON file`),
  );
}

type Evaluate = (
  flags: Flags,
  bootstrap: BootstrapOptions,
  model: LoadedModel,
  tokenizer: TextTokenizer,
) => Promise<unknown>;

/** What can be refused is refused before a model is loaded. */
async function prepareTask(given: Flags): Promise<Evaluate> {
  if (given.shards !== undefined)
    throw new DataError(
      'no-data',
      `shards hold texts, and ${given.task} has items`,
      'give --data FILE, or take --task bits-per-byte',
    );
  const policy = readTooLong(given.tooLong);
  if ((generationTasks as readonly string[]).includes(given.task)) return prepareWriting(given);
  const shots =
    given.shots === undefined ? undefined : readNumber('--shots', given.shots, { least: 0, whole: true });
  const task = await openTask({ ...given, shots });
  return async (flags, bootstrap, model, tokenizer) => {
    const leftOut = await findRun(flags.run);
    const { result, judged } = await evaluateTask(model, tokenizer, task, {
      ...bootstrap,
      length: createLengthCheck(policy, model.model.maxLength),
      ...(leftOut ? { findSteps: await createStepFinder(leftOut) } : {}),
      keepSeen: flags.keepSeen,
    });
    await writeItems(flags.perItem, judged);
    return result;
  };
}

function prepareWriting(given: Flags): Evaluate {
  const { task, data, tokenize } = given;
  if (data === undefined) throw new DataError('no-data', 'nothing to evaluate on', 'give --data FILE');
  chooseMetric(task, { tokenize });
  const writing = {
    tokenize,
    maxTokens: readNumber('--max-tokens', given.maxTokens, { least: 1, whole: true }),
    beams: readNumber('--beams', given.beams, { least: 1, most: 64, whole: true }),
  };
  const policy = readTooLong(given.tooLong);
  return async (flags, bootstrap, model, tokenizer) => {
    const leftOut = await findRun(flags.run);
    const length = createLengthCheck(policy, model.model.maxLength);
    const { result, written } = await evaluateWriting(
      model,
      tokenizer,
      { task, data },
      {
        ...{ ...writing, ...bootstrap, length, keepSeen: flags.keepSeen },
        ...(leftOut ? { findSteps: await createStepFinder(leftOut) } : {}),
      },
    );
    await writeItems(flags.perItem, written);
    return result;
  };
}

async function evaluateTexts(
  flags: Flags,
  bootstrap: BootstrapOptions,
  model: LoadedModel,
  tokenizer: TextTokenizer,
) {
  const leftOut = await findRun(flags.run, flags.shards !== undefined);
  const { items, excluded } =
    flags.shards === undefined
      ? await evaluateFile(flags.data as string, leftOut, model, tokenizer)
      : await evaluateSplit(flags, leftOut, model, tokenizer);
  await writeItems(flags.perItem, items.map(describeLoss));
  const sources = tabulateSources(items, { ...bootstrap, trained: leftOut?.sources });
  const summary = summarise(flags.task, items, { excluded });
  const interval = summary.bitsPerByte && findInterval(items, measureBitsPerByte, bootstrap);
  return {
    ...summary,
    ...(interval ? { intervals: { bitsPerByte: interval } } : {}),
    ...(sources.length > 0 ? { sources } : {}),
  };
}

async function evaluateSplit(
  flags: Flags,
  leftOut: LeftOut | undefined,
  model: LoadedModel,
  tokenizer: TextTokenizer,
) {
  const options = { split: flags.split, leftOut: leftOut?.documents };
  const { documents, excluded } = await evaluateShards(model, tokenizer, flags.shards as string, options);
  return { items: documents, excluded };
}

async function evaluateFile(
  file: string,
  leftOut: LeftOut | undefined,
  model: LoadedModel,
  tokenizer: TextTokenizer,
) {
  const test = leftOut ? await createItemTest(leftOut) : () => false;
  const items: ItemLoss[] = [];
  let excluded = 0;
  const isLeftOut = (text: string) => {
    if (!test(text)) return false;
    excluded++;
    return true;
  };
  for await (const item of evaluateItems(model, tokenizer, readTexts(file), isLeftOut)) items.push(item);
  return { items, excluded };
}

/** @param knowsDocuments documents are told by their ids, so nothing need have been searched */
async function findRun(run: string | undefined, knowsDocuments = false): Promise<LeftOut | undefined> {
  if (run === undefined) return undefined;
  const leftOut = await findLeftOut(run);
  if (!leftOut.isSearched && !knowsDocuments)
    process.stderr.write(
      'the corpus of this run was not searched for evaluation items, so no item can be left out\n' +
        '  hint: add contaminationStage to its recipe\n',
    );
  return leftOut;
}

const describeLoss = ({ isNoCode, ...item }: ItemLoss) =>
  isNoCode ? item : { ...item, bitsPerByte: item.loss / Math.LN2 / item.bytes };
