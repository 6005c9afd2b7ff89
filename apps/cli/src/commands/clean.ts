// gristmill clean: the clean stage as a filter over JSON lines.
import type { Command } from 'commander';
import { cleanRules, cleanText, type CleanOptions } from '@gristmill/clean';
import { createLineWriter, readJsonLines } from '../json-lines.ts';

export function registerClean(program: Command): void {
  const command = program
    .command('clean <file>')
    .description('Repair and normalise texts: JSON lines {id, text} in, {id, text} out')
    .option('--out <file>', 'write there instead of to standard output');
  for (const [rule, byDefault] of Object.entries(cleanRules)) {
    const option = rule.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (byDefault) command.option(`--no-${option}`, `leave the rule ${option} out`);
    else command.option(`--${option}`, `apply the rule ${option} too`);
  }
  command
    .addHelpText('after', '\nExample:\n  echo \'{"id":"1","text":"naÃ¯ve  words"}\' | gristmill clean -')
    .action(async (file: string, options: CleanOptions & { out?: string }) => {
      const { out, ...rules } = options;
      const writer = createLineWriter(out);
      for await (const line of readJsonLines(file)) {
        await writer.write({ ...line, text: cleanText(String(line.text ?? ''), rules).text });
      }
      await writer.close();
    });
}
