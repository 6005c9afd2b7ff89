// What a trained model writes of pictures, asked through the program, beside what is true of them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));

export interface Answer {
  readonly expected: string;
  readonly text: string;
}

/** @param file JSON lines {image, text} */
export function askAll(model: string, file: string, most = Infinity): Answer[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(0, most);
  const pictures = lines.map((line) => JSON.parse(line) as { image: string; text: string });
  const questions = pictures.map(({ image }, i) => JSON.stringify({ id: String(i), prompt: '', image }));
  const input = join(file, '..', 'questions.jsonl');
  writeFileSync(input, `${questions.join('\n')}\n`);
  const asked = ['generate', '--model', model, '--input', input, '--temperature', '0', '--max-tokens', '12'];
  const answers = execFileSync(process.execPath, [bin, ...asked], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return answers.map((line, i) => ({
    expected: pictures[i].text,
    text: (JSON.parse(line) as { text: string }).text,
  }));
}
