// Runs Gristmill's own programs as a user would: a child process each, its words for people passed on as they come.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DataError } from '@gristmill/core';

const root = new URL('../../', import.meta.url);
const programs = {
  gristmill: fileURLToPath(new URL('apps/cli/bin/gristmill.mjs', root)),
  'gristmill-trainer': fileURLToPath(new URL('apps/trainer/bin/gristmill-trainer.mjs', root)),
};

/** Waits for the program and gives what it wrote to standard output. Any exit code but 0 is a DataError. */
export async function runProgram(
  name: keyof typeof programs,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(process.execPath, [programs[name], ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const stop = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject).on('close', (...end) => resolve(end));
    });
    if (code === 0) return output;
    throw new DataError(
      'demo-stopped',
      `${name} ${args[0]} ended with ${signal ?? `exit code ${code}`}`,
      'read what it says above; run the same again to carry on',
    );
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
