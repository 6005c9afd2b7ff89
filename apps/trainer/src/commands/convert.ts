import type { Command } from 'commander';
import { DataError } from '@gristmill/core';
import { readModel, writeModel } from '@gristmill/models';
import { findModelDirectory } from '../loaded-model.ts';

export function registerImport(program: Command): void {
  program
    .command('import')
    .description(
      'Reads a Hugging Face directory, checks it, and writes it as a model directory in single precision',
    )
    .argument('<dir>', 'config.json, model.safetensors (or its parts), tokenizer.json')
    .requiredOption('--out <dir>', 'the model directory')
    .addHelpText('after', '\nExample:\n  gristmill-trainer import gpt2 --out models/gpt2')
    .action(async (directory: string, { out }: { out: string }) => copyModel(directory, out));
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('Writes a model for other tools')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .requiredOption('--format <name>', 'hf')
    .requiredOption('--out <dir>', 'where to')
    .addHelpText('after', '\nExample:\n  gristmill-trainer export --model run --format hf --out model')
    .action(async ({ model, format, out }: { model: string; format: string; out: string }) => {
      if (format !== 'hf')
        throw new DataError('unknown-format', `there is no format ${format}`, 'formats: hf');
      await copyModel(findModelDirectory(model), out);
    });
}

async function copyModel(from: string, to: string): Promise<void> {
  const { weights, ...saved } = await readModel(from);
  await writeModel(to, saved, weights);
}
