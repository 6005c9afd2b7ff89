import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { DataError } from '@gristmill/core';
import { createJsonGrammar } from '../generation/json-writer.ts';
import { writeText, type WriteOptions } from '../generation/write-text.ts';
import { readImagePrompt } from '../image/image-prompt.ts';
import { withModel, type LoadedModel } from '../loaded-model.ts';
import { readPrompts } from '../read-texts.ts';
import { openTextTokenizer, type TextTokenizer } from '../text-tokenizer.ts';
import { createLengthCheck, readTooLong, tooLongPolicies, type LengthCheck } from '../too-long.ts';
import { readNumber } from './options.ts';

interface Flags {
  readonly model: string;
  readonly prompt: string;
  readonly input?: string;
  readonly image?: string;
  readonly temperature: string;
  readonly topK: string;
  readonly topP: string;
  readonly minP: string;
  readonly repetitionPenalty: string;
  readonly beams: string;
  readonly lengthPenalty: string;
  readonly stop?: string[];
  readonly jsonSchema?: string;
  readonly maxTokens: string;
  readonly seed: string;
  readonly tooLong: string;
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
    .option('--min-p <n>', "draw from what has this share of the likeliest token's probability", '0')
    .option('--repetition-penalty <n>', 'above 1: what was written becomes less likely', '1')
    .option('--beams <n>', 'search with so many texts for the likeliest one, without drawing', '1')
    .option('--length-penalty <n>', 'of beams: above 0 favours long texts', '1')
    .option('--stop <text...>', 'end before any of these texts')
    .option('--json-schema <file>', 'write JSON that this schema describes')
    .option('--max-tokens <n>', 'at most so many', '200')
    .option('--seed <n>', 'of the draws', '1337')
    .option(
      '--too-long <policy>',
      `of prompts longer than the model reads: ${tooLongPolicies.join(', ')}`,
      'cut',
    )
    .addHelpText(
      'after',
      '\nExample:\n  gristmill-trainer generate --model run/model --prompt "The whale" --max-tokens 50',
    )
    .action(async (flags: Flags) => {
      const options = readOptions(flags);
      const schema = flags.jsonSchema === undefined ? undefined : readSchema(flags.jsonSchema);
      const policy = readTooLong(flags.tooLong);
      await withModel(flags.model, async (model) => {
        const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
        const { vocabSize, endOfText, maxLength } = model.model;
        const grammar =
          schema === undefined
            ? undefined
            : await createJsonGrammar({ schema, tokenizer, vocabSize, endOfText });
        const writer = createWriter(
          model,
          tokenizer,
          { ...options, grammar },
          createLengthCheck(policy, maxLength),
        );
        await (flags.input === undefined ? answerPrompt(flags, writer) : answerFile(flags, writer));
        const found = writer.length.describe();
        if (found) process.stderr.write(`${found}\n`);
      });
    });
}

function readOptions(flags: Flags): WriteOptions {
  const options = {
    temperature: readNumber('--temperature', flags.temperature, { least: 0 }),
    topK: readNumber('--top-k', flags.topK, { least: 0, whole: true }),
    topP: readNumber('--top-p', flags.topP, { least: 0, most: 1 }),
    minP: readNumber('--min-p', flags.minP, { least: 0, most: 1 }),
    repetitionPenalty: readNumber('--repetition-penalty', flags.repetitionPenalty, {
      least: 0.01,
      most: 100,
    }),
    beams: readNumber('--beams', flags.beams, { least: 1, most: 64, whole: true }),
    lengthPenalty: readNumber('--length-penalty', flags.lengthPenalty, { least: -100, most: 100 }),
    maxTokens: readNumber('--max-tokens', flags.maxTokens, { least: 0, whole: true }),
    seed: readNumber('--seed', flags.seed, { least: 0, whole: true }),
    stops: flags.stop?.filter((text) => text !== ''),
  };
  if (options.beams > 1 && flags.image !== undefined) throw together('--beams and --image');
  if (flags.jsonSchema === undefined) return options;
  if (options.beams > 1) throw together('--json-schema and --beams');
  if (options.stops && options.stops.length > 0) throw together('--json-schema and --stop');
  return options;
}

const together = (names: string) =>
  new DataError('wrong-option', `${names} do not go together`, 'leave one of them out');

function readSchema(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DataError('input-unreadable', `${path} cannot be read`, 'give the file of a JSON schema', {
      cause,
    });
  }
}

interface Writer {
  readonly model: LoadedModel;
  readonly length: LengthCheck;
  /** Undefined where the prompt is too long and left out. */
  write(id: string, prompt: string, image?: string): Promise<AsyncIterable<string> | undefined>;
}

function createWriter(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  options: WriteOptions,
  length: LengthCheck,
): Writer {
  const write: Writer['write'] = async (id, prompt, image) => {
    if (image !== undefined) {
      const { tokens, pixels } = await readImagePrompt(model.model, tokenizer, { path: image, prompt });
      return writeText(model, tokenizer, tokens, { ...options, pixels });
    }
    const tokens = tokenizer.encode(prompt);
    return length.accepts(id, tokens.length) ? writeText(model, tokenizer, tokens, options) : undefined;
  };
  return { model, length, write };
}

async function answerPrompt({ prompt, image, jsonSchema }: Flags, { model, write }: Writer): Promise<void> {
  const pieces = await write('--prompt', prompt, image);
  if (pieces === undefined) return;
  if (model.model.kind !== 'encoder-decoder' && jsonSchema === undefined) process.stdout.write(prompt);
  for await (const piece of pieces) process.stdout.write(piece);
  process.stdout.write('\n');
}

async function answerFile(flags: Flags, { write }: Writer): Promise<void> {
  for await (const { id, prompt, image = flags.image } of readPrompts(flags.input as string)) {
    const pieces = await write(id, prompt, image);
    if (pieces === undefined) continue;
    let text = '';
    for await (const piece of pieces) text += piece;
    process.stdout.write(`${JSON.stringify({ id, text })}\n`);
  }
}
