import type { Command } from 'commander';
import { withModel } from '../loaded-model.ts';
import { generateTokens } from '../generate.ts';
import { readImagePrompt } from '../image/image-prompt.ts';
import { openTextTokenizer } from '../text-tokenizer.ts';
import { readPrompts } from '../read-texts.ts';
import { readNumber } from './options.ts';

interface Flags {
  readonly model: string;
  readonly prompt: string;
  readonly input?: string;
  readonly image?: string;
  readonly temperature: string;
  readonly topK: string;
  readonly topP: string;
  readonly maxTokens: string;
  readonly seed: string;
}

export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .description('Continues a text, or answers a source text; the same seed gives the same text')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .option('--prompt <text>', 'what to continue; of an encoder-decoder the source text', '')
    .option('--input <file>', 'JSON lines {id, prompt, image?}, answered as {id, text}; - for standard input')
    .option(
      '--image <file>',
      'a PNG or JPEG that the text is about; <image> in the prompt says where it stands',
    )
    .option('--temperature <n>', '0 takes the likeliest token', '0.8')
    .option('--top-k <n>', 'draw from the k likeliest; 0 = all', '0')
    .option('--top-p <n>', 'draw from the smallest set of this probability', '1')
    .option('--max-tokens <n>', 'at most so many', '200')
    .option('--seed <n>', 'of the draws', '1337')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill-trainer generate --model run/model --prompt "The whale" --max-tokens 50',
    )
    .action(async (flags: Flags) => {
      const options = {
        temperature: readNumber('--temperature', flags.temperature, { least: 0 }),
        topK: readNumber('--top-k', flags.topK, { least: 0, whole: true }),
        topP: readNumber('--top-p', flags.topP, { least: 0, most: 1 }),
        maxTokens: readNumber('--max-tokens', flags.maxTokens, { least: 0, whole: true }),
        seed: readNumber('--seed', flags.seed, { least: 0, whole: true }),
      };
      await withModel(flags.model, async (model) => {
        const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
        const write = async function* (prompt: string, image = flags.image) {
          if (image === undefined) return yield* generateTokens(model, tokenizer.encode(prompt), options);
          const { tokens, pixels } = await readImagePrompt(model.model, tokenizer, { path: image, prompt });
          yield* generateTokens(model, tokens, { ...options, pixels });
        };
        if (flags.input !== undefined) {
          for await (const { id, prompt, image } of readPrompts(flags.input)) {
            const tokens: number[] = [];
            for await (const token of write(prompt, image)) tokens.push(token);
            const text = new TextDecoder().decode(tokenizer.decodeBytes(tokens));
            process.stdout.write(`${JSON.stringify({ id, text })}\n`);
          }
          return;
        }
        // A token may end in the middle of a character: the decoder holds such bytes back.
        const decoder = new TextDecoder();
        if (model.model.kind !== 'encoder-decoder') process.stdout.write(flags.prompt);
        for await (const token of write(flags.prompt))
          process.stdout.write(decoder.decode(tokenizer.decodeBytes([token]), { stream: true }));
        process.stdout.write(`${decoder.decode()}\n`);
      });
    });
}
