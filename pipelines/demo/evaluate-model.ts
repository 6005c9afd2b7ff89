// What the trained model is worth: bits per byte of the validation documents beside two compressors, and some text.
// The result is kept in the run's folder, so that a second demo measures nothing again.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@gristmill/core';
import { measureCompression, type Compression } from './compression.ts';
import { runProgram } from './programs.ts';
import { readValidationText } from './validation-text.ts';

export interface Measured extends Compression {
  readonly validationBitsPerByte: number;
  readonly samples: readonly { prompt: string; text: string }[];
}

const prompts = ['It was a dark night, and', 'The door opened, and she', 'To install a package,'];

/** @param model a model directory, @param shards the folder of tokens, @param run where the result is kept */
export async function evaluateModel(model: string, shards: string, run: string): Promise<Measured> {
  const file = join(run, 'demo-evaluation.json');
  const key =
    sha256(readFileSync(join(model, 'model.safetensors'))) + sha256(readFileSync(join(shards, 'index.json')));
  const kept = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { key: string; measured: Measured })
    : undefined;
  if (kept?.key === key) return kept.measured;
  const measured = await measure(model, shards);
  writeFileSync(file, `${JSON.stringify({ key, measured }, undefined, 2)}\n`);
  return measured;
}

async function measure(model: string, shards: string): Promise<Measured> {
  const task = ['--task', 'bits-per-byte', '--shards', shards];
  const { bitsPerByte } = JSON.parse(
    await runProgram('gristmill-trainer', ['evaluate', '--model', model, ...task]),
  ) as {
    bitsPerByte: number;
  };
  const samples = [];
  for (const [seed, prompt] of prompts.entries()) {
    const options = ['--temperature', '0.8', '--top-k', '50', '--max-tokens', '120', '--seed', String(seed)];
    const text = await runProgram('gristmill-trainer', [
      'generate',
      '--model',
      model,
      '--prompt',
      prompt,
      ...options,
    ]);
    samples.push({ prompt, text: text.startsWith(prompt) ? text.slice(prompt.length) : text });
  }
  return {
    validationBitsPerByte: bitsPerByte,
    ...(await measureCompression(await readValidationText(shards))),
    samples,
  };
}
