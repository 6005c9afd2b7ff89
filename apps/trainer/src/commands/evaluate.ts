import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { DataError, suggestName } from '@gristmill/core';
import { evaluateItems, evaluateShards, summarise, type Evaluation, type ItemLoss } from '../evaluate.ts';
import { createItemTest, findLeftOut } from '../left-out.ts';
import { withModel, type LoadedModel } from '../loaded-model.ts';
import { readTexts } from '../read-texts.ts';
import { openTextTokenizer, type TextTokenizer } from '../text-tokenizer.ts';

interface Flags {
  readonly model: string;
  readonly task: string;
  readonly data?: string;
  readonly shards?: string;
  readonly split: string;
  readonly perItem?: string;
  readonly run?: string;
}

const tasks = ['perplexity', 'bits-per-byte'];

export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description('Measures a model on texts or on a split of shards')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .requiredOption('--task <name>', tasks.join(' or '))
    .option('--data <file>', 'JSON lines {id?, text, context?}, or a text file')
    .option('--shards <dir>', 'a folder tokens/<key> of a corpus')
    .option('--split <name>', 'of the shards', 'validation')
    .option('--run <dir>', 'leaves out, and counts, what this training run was trained on')
    .option('--per-item <file>', 'writes a line for each item')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill-trainer evaluate --model run/model --task bits-per-byte --shards corpus/tokens/ab12',
    )
    .action(async (flags: Flags) => {
      if (!tasks.includes(flags.task))
        throw new DataError(
          'unknown-task',
          `there is no task ${flags.task}`,
          suggestName(flags.task, tasks, `tasks: ${tasks.join(', ')}`),
        );
      if ((flags.data === undefined) === (flags.shards === undefined))
        throw new DataError('no-data', 'nothing to evaluate on', 'give either --data or --shards');
      await withModel(flags.model, async (model) => {
        const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
        const evaluation = flags.shards
          ? await evaluateSplit(flags, model, tokenizer)
          : await evaluateFile(flags, model, tokenizer);
        process.stdout.write(`${JSON.stringify(evaluation)}\n`);
      });
    });
}

async function evaluateSplit(
  flags: Flags,
  model: LoadedModel,
  tokenizer: TextTokenizer,
): Promise<Evaluation> {
  const leftOut = flags.run === undefined ? undefined : (await findLeftOut(flags.run)).documents;
  const options = { split: flags.split, leftOut };
  const { documents, excluded, ...result } = await evaluateShards(
    model,
    tokenizer,
    flags.shards as string,
    options,
  );
  await writeItems(flags.perItem, [result]);
  return summarise(flags.task, [result], { items: documents, excluded });
}

async function evaluateFile(flags: Flags, model: LoadedModel, tokenizer: TextTokenizer): Promise<Evaluation> {
  const test = await testOf(flags.run);
  const results: ItemLoss[] = [];
  let excluded = 0;
  const isLeftOut = (text: string) => {
    if (!test(text)) return false;
    excluded++;
    return true;
  };
  for await (const result of evaluateItems(model, tokenizer, readTexts(flags.data as string), isLeftOut))
    results.push(result);
  await writeItems(flags.perItem, results);
  return summarise(flags.task, results, { excluded });
}

async function testOf(run: string | undefined): Promise<(text: string) => boolean> {
  if (run === undefined) return () => false;
  const leftOut = await findLeftOut(run);
  if (!leftOut.isSearched) {
    process.stderr.write(
      'the corpus of this run was not searched for evaluation items, so no item can be left out\n' +
        '  hint: add contaminationStage to its recipe\n',
    );
  }
  return createItemTest(leftOut);
}

async function writeItems(file: string | undefined, items: readonly ItemLoss[]): Promise<void> {
  if (file === undefined) return;
  const output = createWriteStream(file);
  for (const { isNoCode, ...item } of items) {
    const bits = isNoCode ? {} : { bitsPerByte: item.loss / Math.LN2 / item.bytes };
    output.write(`${JSON.stringify({ ...item, ...bits })}\n`);
  }
  output.end();
  await finished(output);
}
