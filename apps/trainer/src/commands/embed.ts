import type { Command } from 'commander';
import { embedTexts } from '../embedding/embed-texts.ts';
import { withModel } from '../loaded-model.ts';
import { readTexts } from '../read-texts.ts';
import { openTextTokenizer } from '../text-tokenizer.ts';
import { createLengthCheck, readTooLong, tooLongPolicies } from '../too-long.ts';

interface Flags {
  readonly model: string;
  readonly tooLong: string;
}

export function registerEmbed(program: Command): void {
  program
    .command('embed')
    .description('Texts as vectors of length 1, whose product is the cosine: means of the last hidden states')
    .argument('<file>', 'JSON lines {id?, text}, answered as {id, embedding}; - for standard input')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .option(
      '--too-long <policy>',
      `of texts longer than the model reads: ${tooLongPolicies.join(', ')}`,
      'cut',
    )
    .addHelpText('after', '\nExample:\n  gristmill-trainer embed --model models/minilm texts.jsonl')
    .action(async (file: string, flags: Flags) => {
      const policy = readTooLong(flags.tooLong);
      await withModel(flags.model, async (model) => {
        const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
        const length = createLengthCheck(policy, model.model.maxLength);
        for await (const embedding of embedTexts(model, tokenizer, readTexts(file), length))
          process.stdout.write(`${JSON.stringify(embedding)}\n`);
        const found = length.describe();
        if (found) process.stderr.write(`${found}\n`);
      });
    });
}
