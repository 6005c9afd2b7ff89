import type { Command } from 'commander';
import { DataError } from '@gristmill/core';
import { loadTokenizer, type Tokenizer } from '@gristmill/tokenizer';
import { createLineWriter, readJsonLines, type JsonLine } from '../json-lines.ts';

interface Flags {
  readonly tokenizer: string;
  readonly out?: string;
  readonly special?: boolean;
  readonly show?: boolean;
}

export function registerTokenize(program: Command): void {
  program
    .command('tokenize')
    .description('Turns texts into token ids')
    .argument('<file>', 'JSON lines {id, text}, or - for standard input')
    .requiredOption(
      '--tokenizer <name|file>',
      'gpt2, r50k_base, p50k_base, cl100k_base, o200k_base or a tokenizer.json',
    )
    .option('--special', 'read the spelling of special tokens as these tokens')
    .option('--show', 'print the texts with the borders of their tokens instead')
    .option('--out <file>', 'write here instead of to standard output')
    .addHelpText(
      'after',
      `\nExample:\n  echo '{"id":"1","text":"Hello world"}' | gristmill tokenize - --tokenizer gpt2`,
    )
    .action(async (file: string, flags: Flags) => {
      const tokenizer = loadTokenizer(flags.tokenizer);
      if (flags.show) await showTokens(file, tokenizer, flags);
      else await writeTokens(file, tokenizer, flags);
    });
}

async function writeTokens(
  file: string,
  tokenizer: Tokenizer,
  { out, special = false }: Flags,
): Promise<void> {
  const writer = createLineWriter(out);
  for await (const line of readJsonLines(file)) {
    const tokens = [...tokenizer.encode(textOf(line), { special })];
    await writer.write({ ...line, text: undefined, tokens });
  }
  await writer.close();
}

function textOf({ id, text }: JsonLine): string {
  if (typeof text === 'string') return text;
  throw new DataError('no-text', `the line ${String(id)} has no text`, 'each line needs a member "text"');
}

const backgrounds = [44, 45, 42, 43]; // blue, magenta, green, yellow: neighbours differ

/** Tokens on alternating backgrounds, or with a bar between them where colours are unwanted. */
async function showTokens(file: string, tokenizer: Tokenizer, { special = false }: Flags): Promise<void> {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const colour = NO_COLOR === undefined && (FORCE_COLOR !== undefined || process.stdout.isTTY);
  for await (const line of readJsonLines(file)) {
    const ids = tokenizer.encode(textOf(line), { special });
    const pieces = Array.from(ids, (id) => spellToken(tokenizer, id));
    const shown = colour
      ? pieces.map((piece, i) => `\u001b[${backgrounds[i % backgrounds.length]}m${piece}\u001b[0m`).join('')
      : pieces.join('|');
    process.stdout.write(`${String(line.id)} (${ids.length} tokens)\n${shown}\n`);
  }
}

/** A token that holds a part of a character is shown as bytes. */
function spellToken(tokenizer: Tokenizer, id: number): string {
  const text = tokenizer.decode([id]);
  const bytes = text.includes('\ufffd') ? tokenizer.tokenBytes(id) : undefined;
  if (bytes === undefined || Buffer.from(text).equals(bytes)) return text;
  return `‹${Buffer.from(bytes).toString('hex')}›`;
}
