import type { Command } from 'commander';
import { withModel } from '../loaded-model.ts';
import { readTexts } from '../read-texts.ts';
import { scoreText } from '../score-text.ts';
import { openTextTokenizer } from '../text-tokenizer.ts';

export function registerScore(program: Command): void {
  program
    .command('score')
    .description(
      'Log-likelihood of texts, after a context where one is given; of an encoder the pseudo-log-likelihood',
    )
    .argument('<file>', 'JSON lines {id, text, context?}; - for standard input')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .addHelpText('after', '\nExample:\n  gristmill-trainer score --model run/model texts.jsonl')
    .action((file: string, flags: { model: string }) =>
      withModel(flags.model, async (model) => {
        const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
        for await (const item of readTexts(file))
          process.stdout.write(`${JSON.stringify(await scoreText(model, tokenizer, item))}\n`);
      }),
    );
}
